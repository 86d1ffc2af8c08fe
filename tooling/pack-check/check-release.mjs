import { join } from 'node:path';
import { inParallel } from './child.mjs';
import { installConsumers, tryConsumers } from './consumers.mjs';
import { publicPackages } from './public-packages.mjs';
import { stageRelease } from './stage.mjs';
import { inspectTarball, packAll, tarballOf } from './tarballs.mjs';
import { checkVersions } from './versions.mjs';

/**
 * Everything that must hold before a release, for whatever is public in a tree. `place` is an empty folder outside of it.
 *
 * @param {string} root
 * @param {string} place
 * @returns {Promise<{ title: string, problems: readonly string[], files?: readonly string[], note?: string | undefined }[]>}
 */
export async function checkRelease(root, place) {
  const stage = join(place, 'stage');
  const tarballs = join(place, 'tarballs');
  const packages = publicPackages(root);
  const results = [];
  // Nothing that comes later means anything where one of these failed.
  const step = async (title, work) => {
    const started = performance.now();
    const problem = await work;
    const note = `${((performance.now() - started) / 1000).toFixed(1)} s`;
    results.push({ title, note, problems: problem === undefined ? [] : [problem] });
    return problem === undefined;
  };
  results.push({ title: 'versions move together', ...(await checkVersions(root, join(place, 'versions'))) });
  if (!(await step('builds from an empty dist', stageRelease(root, stage)))) return results;
  if (!(await step(`packs ${packages.length} packages`, packAll(stage, tarballs)))) return results;
  const inspected = await inParallel(packages, 2, async ({ folder, manifest }) => {
    const { packed, problems } = await inspectTarball(stage, folder, manifest, tarballOf(tarballs, manifest));
    return { title: `${manifest.name} ${manifest.version}`, note: `${packed.length} files`, files: packed, problems };
  });
  results.push(...inspected);
  const consumers = join(place, 'consumers');
  const installed = installConsumers({ stage, tarballs, place: consumers, packages });
  if (!(await step('installs into empty consumers', installed))) return results;
  const tried = await tryConsumers({ root, stage, place: consumers, packages });
  for (const { title, problem, note } of tried) results.push({ title, note, problems: problem === undefined ? [] : [problem] });
  return results;
}
