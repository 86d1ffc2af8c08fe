/**
 * Every file that a package's tarball must hold, and no other: for each source the file itself and the compiler's four
 * outputs, what else the manifest lists, and the three files that are always there.
 */
export function expectedFiles(sources, others) {
  const files = new Set(['package.json', 'README.md', 'LICENSE', ...others]);
  for (const source of sources) {
    files.add(`src/${source}`);
    for (const output of outputsOf(source)) files.add(`dist/${output}`);
  }
  return [...files].toSorted(byName);
}

/** What differs between two lists of files, in words. */
export function compareFiles(packed, expected) {
  const extra = packed.filter((file) => !expected.includes(file)).map((file) => `packed, but not expected: ${file}`);
  const missing = expected.filter((file) => !packed.includes(file)).map((file) => `expected, but not packed: ${file}`);
  return [...extra, ...missing];
}

function outputsOf(source) {
  if (!source.endsWith('.ts') || source.endsWith('.d.ts')) return [];
  const stem = source.slice(0, -3);
  return [`${stem}.js`, `${stem}.js.map`, `${stem}.d.ts`, `${stem}.d.ts.map`];
}

/** The order of code units: the same on every machine, whatever its language. */
export function byName(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
