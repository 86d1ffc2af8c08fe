import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';

/** What an ESM-only package does not promise: resolution of before 2022, and `require` as the compiler saw it before Node 20.19. */
const ignored = new Set(['node10', 'node16-cjs']);

/**
 * "Are the types wrong?" for one tarball: what a compiler finds behind each entry is what Node loads there. In this process, because
 * starting the command costs more than its work.
 *
 * @param {string} tarball
 * @returns {Promise<string[]>}
 */
export async function typeProblems(tarball) {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  if (analysis.types === false) return ['attw: the package has no types'];
  const found = analysis.problems.filter((problem) => !('resolutionKind' in problem && ignored.has(problem.resolutionKind)));
  return found.map((problem) => `attw: ${JSON.stringify(problem)}`);
}
