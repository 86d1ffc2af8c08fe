import { ConformanceFailure, type ConformanceCase } from '@quorate/conformance';

/** The names of the cases that an implementation fails, each run on its own. */
export async function failingCases(cases: readonly ConformanceCase[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, run } of cases) {
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
