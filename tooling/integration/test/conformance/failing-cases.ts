import { ConformanceFailure, type ConformanceCase } from '@quorate/conformance';

const long = /under pressure|\(seed \d\)|of (65536|200000) bytes|kinds, epochs, checksums/u;

/** The names of the cases that an implementation fails, each run on its own. Long ones only where somebody expects them to be red. */
export async function failingCases(cases: readonly ConformanceCase[], expected: readonly string[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, run } of cases) {
    if (long.test(name) && !expected.includes(name)) continue;
    try {
      await run();
    } catch (error) {
      // A harness that waits in vain throws an error of its own; anything is red.
      if (!(error instanceof Error)) throw new ConformanceFailure('a case rejects with an error', { cause: error });
      failed.push(name);
    }
  }
  return failed;
}
