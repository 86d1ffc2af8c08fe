/**
 * The packages of a release, each behind what it depends on, so that a release that breaks off in the middle leaves no package
 * on the registry that cannot be installed.
 *
 * @template {{ name: string, dependencies?: Record<string, string> }} M
 * @param {readonly M[]} manifests
 * @returns {M[]}
 */
export function publishOrder(manifests) {
  const ordered = [];
  const add = (manifest, above) => {
    if (ordered.includes(manifest)) return;
    if (above.includes(manifest.name)) throw new Error(`packages depend on each other: ${[...above, manifest.name].join(' → ')}`);
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const dependency = manifests.find((one) => one.name === name);
      if (dependency !== undefined) add(dependency, [...above, manifest.name]);
    }
    ordered.push(manifest);
  };
  for (const manifest of manifests) add(manifest, []);
  return ordered;
}
