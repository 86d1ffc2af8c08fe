import { isUnknown, type Operation } from './operation.ts';

/** Thrown where a history is not one: whoever recorded it made a mistake, and no verdict about it would mean anything. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly code = 'E_HISTORY';
  /** One sentence each, at most twenty. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`E_HISTORY: this is no history (${problems[0] ?? 'empty'}). Correct how it is recorded.`);
    this.problems = problems;
  }
}

const maxProblems = 20;

/**
 * What a list of operations lacks to be a history, one sentence each, at most twenty: every return is after its call, a
 * process has one operation at a time and none after an unknown outcome, and an output is there exactly where the outcome is known.
 */
export function historyProblems(operations: readonly Operation<unknown, unknown>[]): readonly string[] {
  const problems: string[] = [];
  const report = (operation: Operation<unknown, unknown>, text: string): void => {
    if (problems.length < maxProblems) problems.push(`process ${operation.process}, called at ${operation.call}: ${text}`);
  };
  for (const operation of operations) {
    if (!Number.isSafeInteger(operation.process)) report(operation, 'the process is not an integer');
    if (!Number.isFinite(operation.call)) report(operation, 'the call has no finite time');
    if (!(operation.return > operation.call)) report(operation, `the return at ${operation.return} is not after the call`);
    if (isUnknown(operation) !== (operation.output === undefined))
      report(
        operation,
        isUnknown(operation) ? 'the outcome is unknown, yet there is an output' : 'it returned without an output',
      );
  }
  const byProcess = operations.toSorted((a, b) => a.process - b.process || a.call - b.call);
  for (let place = 1; place < byProcess.length; place++) {
    const before = byProcess[place - 1] as Operation<unknown, unknown>;
    const operation = byProcess[place] as Operation<unknown, unknown>;
    if (before.process !== operation.process || before.return <= operation.call) continue;
    report(
      operation,
      isUnknown(before)
        ? `the process was retired by the unknown outcome of its call at ${before.call}`
        : `the process had a call under way, from ${before.call} to ${before.return}`,
    );
  }
  return problems;
}

/** Throws a `HistoryError` where the operations are not a history. */
export function requireHistory(operations: readonly Operation<unknown, unknown>[]): void {
  const problems = historyProblems(operations);
  if (problems.length > 0) throw new HistoryError(problems);
}
