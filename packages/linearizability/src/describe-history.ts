import { checkPartition, type CheckReport, type PartitionReport } from './check.ts';
import type { Model, State } from './model.ts';
import { isUnknown, type Operation } from './operation.ts';
import { shrinkViolation, type ShrinkOptions } from './shrink.ts';

/**
 * A history for a person, one line for each operation, by time of call: its time, its process, what it did, and its place in
 * the linearization of the report, or `stuck` where the search could place it nowhere.
 */
export function describePartition<S extends State, I, O>(model: Model<S, I, O>, report: PartitionReport<S, I, O>): string {
  const places = new Map(report.linearization.map((operation, place) => [operation, place + 1]));
  const operations = report.partition.operations.toSorted((a, b) => a.call - b.call);
  const lines = operations.map((operation) => {
    const place = operation === report.stuck ? 'stuck' : (places.get(operation)?.toString() ?? '-');
    const time = `${operation.call}…${isUnknown(operation) ? '?' : operation.return}`;
    const note = operation.note === undefined ? '' : `  (${operation.note})`;
    return {
      place,
      time,
      process: String(operation.process),
      text: model.describeOperation(operation.input, operation.output) + note,
    };
  });
  const width = (field: 'place' | 'time' | 'process'): number => Math.max(0, ...lines.map((line) => line[field].length));
  const [place, time, process] = [width('place'), width('time'), width('process')];
  const rows = lines.map(
    (line) =>
      `  ${line.place.padStart(place)}  ${line.time.padEnd(time)}  process ${line.process.padStart(process)}  ${line.text}`,
  );
  return [`${report.partition.name}: ${report.verdict}`, ...rows].join('\n');
}

/** A violation that was shrunk and judged again, ready to be shown. */
export interface Explanation<S extends State, I, O> {
  readonly report: PartitionReport<S, I, O>;
  /** The state after the linearization of the report. */
  readonly reached: S;
  /** False where the budget for shrinking ended first. */
  readonly minimal: boolean;
  readonly text: string;
}

/** Explains each partition of a report that is a violation: shrinks it and says what cannot be placed. */
export function explainViolations<S extends State, I, O>(
  model: Model<S, I, O>,
  report: CheckReport<S, I, O>,
  options: ShrinkOptions = {},
): readonly Explanation<S, I, O>[] {
  const violations = report.partitions.filter(({ verdict }) => verdict === 'violation');
  return violations.map((violation) => {
    const { partition, minimal } = shrinkViolation(model, violation.partition, options);
    const shrunk = checkPartition(model, partition, Math.max(violation.steps, 200_000));
    const reached = stateAfter(model, shrunk);
    return { report: shrunk, reached, minimal, text: explain(model, shrunk, reached, minimal) };
  });
}

function explain<S extends State, I, O>(
  model: Model<S, I, O>,
  report: PartitionReport<S, I, O>,
  reached: S,
  minimal: boolean,
): string {
  const lines = [describePartition(model, report)];
  if (report.stuck !== undefined) {
    const { input, output, process } = report.stuck;
    lines.push(
      `The longest order found leads to ${model.describeState(reached)}, where process ${process}'s ${model.describeOperation(input, output)} is impossible.`,
    );
  }
  if (!minimal) lines.push('It may not be the smallest: the budget for shrinking ended.');
  return lines.join('\n');
}

function stateAfter<S extends State, I, O>(model: Model<S, I, O>, report: PartitionReport<S, I, O>): S {
  const step = (state: S, { input, output }: Operation<I, O>): S => model.step(state, input, output) ?? state;
  return report.linearization.reduce(step, report.partition.initial);
}
