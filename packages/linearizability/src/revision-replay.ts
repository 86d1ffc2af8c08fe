import { requireHistory } from './history-problems.ts';
import { isUnknown, type Operation } from './operation.ts';

/** An answer with the revision that it came with: of its own write, or else of the store that was read. */
export interface Revisioned<O> {
  readonly revision: number;
  readonly output: O;
}

/** What a store of revisions does when nothing happens at the same time. */
export interface RevisionModel<I, O> {
  readonly name: string;
  /** The revision of the empty store; the first write takes the next. */
  readonly initialRevision: number;
  /** A new, empty store. */
  open(): RevisionStore<I, O>;
  /** Whether an input that is answered so took a revision of its own. It follows from the two alone. */
  writes(input: I, output: O): boolean;
  /** Whether the input never takes a revision, whatever is answered. */
  isObservation(input: I): boolean;
  /** Whether a store that would answer `expected` may have answered `output`. */
  agrees(expected: O, output: O): boolean;
  describeOperation(input: I, output: O | undefined): string;
  describeOutput(output: O): string;
}

/** A store under replay; it belongs to the replay, and changes. */
export interface RevisionStore<I, O> {
  /** Carries the input out. `revision` is the one that it takes if it writes, else the store's. */
  execute(input: I, revision: number): O;
}

/** What became of an operation of unknown outcome, from a source other than the clients: an oracle, the members' logs. */
export type Fate = { readonly type: 'applied'; readonly revision: number } | { readonly type: 'never' };

/** The fates that are known, by operation. */
export type Fates<I, O> = ReadonlyMap<Operation<I, Revisioned<O>>, Fate>;

/** One way in which answers and revisions contradict each other. */
export interface RevisionProblem<I, O> {
  /**
   * `answer`: the store would have answered otherwise. `order`: an operation has a revision that was passed before it was
   * called. `shared`: two writes have one revision. `gap`: no write has it. `open`: none has, but an operation whose fate nobody
   * told may have been it; the replay ends there. `fate`: what is said to have been applied there
   * writes nothing there. `range`: no revision of this store.
   */
  readonly kind: 'answer' | 'order' | 'shared' | 'gap' | 'open' | 'fate' | 'range';
  readonly revision: number;
  /** Those that contradict each other; the last one is where it shows. Empty for a gap, open or not. */
  readonly operations: readonly Operation<I, Revisioned<O>>[];
  readonly text: string;
}

/** What a replay found out. */
export interface RevisionReport<I, O> {
  /** `unknown`: a revision has no write, and an operation whose fate nobody told may be it. */
  readonly verdict: 'ok' | 'violation' | 'unknown';
  /** By revision; at most twenty. */
  readonly problems: readonly RevisionProblem<I, O>[];
  /** What was replayed, in that order. */
  readonly order: readonly Operation<I, Revisioned<O>>[];
}

interface Event<I, O> {
  readonly operation: Operation<I, Revisioned<O>>;
  readonly revision: number;
  readonly writes: boolean;
}

const maxProblems = 20;

/**
 * Judges a history by the revisions in its answers, keys and transactions all together, in O(n log n): sorts by revision,
 * replays the model once, compares every answer, and compares the order of revisions with real time. Each write takes the
 * next revision, whatever it changes; what changes nothing takes none and carries the revision it was served at.
 *
 * For what returned this is exact: `ok` if and only if the order that the revisions claim is a linearization. A store may
 * be linearizable in another order than it claims; that is a violation here. Of operations of unknown outcome, those whose
 * fate is `applied` are replayed, the others are left out; without a fate they may be what a missing revision was given to.
 */
export function replayRevisions<I, O>(
  model: RevisionModel<I, O>,
  history: readonly Operation<I, Revisioned<O>>[],
  fates: Fates<I, O> = new Map(),
): RevisionReport<I, O> {
  requireHistory(history);
  const events = eventsOf(model, history, fates);
  const undecided = history.filter(
    (operation) => isUnknown(operation) && !fates.has(operation) && !model.isObservation(operation.input),
  ).length;
  const problems = [...realTimeProblems(model, events), ...replay(model, events, undecided)];
  problems.sort((a, b) => a.revision - b.revision);
  return {
    verdict: verdictOf(problems),
    problems: problems.slice(0, maxProblems),
    order: events.map(({ operation }) => operation),
  };
}

function verdictOf(problems: readonly RevisionProblem<unknown, unknown>[]): 'ok' | 'violation' | 'unknown' {
  if (problems.length === 0) return 'ok';
  return problems.every(({ kind }) => kind === 'open') ? 'unknown' : 'violation';
}

/** What took effect, by revision: the write that made a revision, then what was served at it, by time of call. */
function eventsOf<I, O>(
  model: RevisionModel<I, O>,
  history: readonly Operation<I, Revisioned<O>>[],
  fates: Fates<I, O>,
): readonly Event<I, O>[] {
  const events: Event<I, O>[] = [];
  for (const operation of history) {
    const { input, output } = operation;
    const fate = output === undefined ? fates.get(operation) : undefined;
    if (output !== undefined) events.push({ operation, revision: output.revision, writes: model.writes(input, output.output) });
    else if (fate?.type === 'applied') events.push({ operation, revision: fate.revision, writes: true });
  }
  return events.sort(
    (a, b) => a.revision - b.revision || Number(b.writes) - Number(a.writes) || a.operation.call - b.operation.call,
  );
}

/** Whatever is called after a return comes later: a write has a higher revision, anything else has no lower one. */
function realTimeProblems<I, O>(model: RevisionModel<I, O>, events: readonly Event<I, O>[]): RevisionProblem<I, O>[] {
  const problems: RevisionProblem<I, O>[] = [];
  const byReturn = events.toSorted((a, b) => compareTimes(a.operation.return, b.operation.return));
  let newest: Event<I, O> | undefined;
  let returned = 0;
  for (const event of events.toSorted((a, b) => a.operation.call - b.operation.call)) {
    for (; returned < byReturn.length; returned++) {
      const before = byReturn[returned] as Event<I, O>;
      if (before.operation.return >= event.operation.call) break;
      if (newest === undefined || before.revision > newest.revision) newest = before;
    }
    if (newest === undefined || event.revision > newest.revision) continue;
    if (event.revision === newest.revision && !event.writes) continue;
    const text = `${describe(model, event)}, but was called after revision ${newest.revision} was seen`;
    problems.push({ kind: 'order', revision: event.revision, operations: [newest.operation, event.operation], text });
  }
  return problems;
}

function replay<I, O>(model: RevisionModel<I, O>, events: readonly Event<I, O>[], undecided: number): RevisionProblem<I, O>[] {
  const problems: RevisionProblem<I, O>[] = [];
  const store = model.open();
  let revision = model.initialRevision;
  let writer: Event<I, O> | undefined;
  for (const event of events) {
    const { operation } = event;
    const report = (kind: RevisionProblem<I, O>['kind'], operations: RevisionProblem<I, O>['operations'], text: string): void => {
      problems.push({ kind, revision: event.revision, operations, text });
    };
    if (!Number.isSafeInteger(event.revision) || event.revision < model.initialRevision + Number(event.writes)) {
      report('range', [operation], `${describe(model, event)}, which no write of this store can have`);
      continue;
    }
    if (event.writes && event.revision === revision) {
      report(
        'shared',
        writer === undefined ? [operation] : [writer.operation, operation],
        `${describe(model, event)}, as another write has`,
      );
      continue;
    }
    const missing = event.revision - revision - Number(event.writes);
    if (missing > 0) {
      const first = revision + 1;
      const text =
        missing === 1 ? `no write has revision ${first}` : `no write has the revisions ${first} to ${first + missing - 1}`;
      problems.push({ kind: missing > undecided ? 'gap' : 'open', revision: first, operations: [], text });
      // What the missing writes did is not known, and so nothing that follows can be judged.
      if (missing <= undecided) return problems;
    }
    if (event.writes) writer = event;
    revision = event.revision;
    const expected = store.execute(operation.input, revision);
    const wrote = model.writes(operation.input, expected);
    if (operation.output === undefined) {
      if (!wrote) report('fate', [operation], `${describe(model, event)}, where it changes nothing`);
    } else if (wrote !== event.writes || !model.agrees(expected, operation.output.output)) {
      report('answer', [operation], `${describe(model, event)}, where the answer is ${model.describeOutput(expected)}`);
    }
  }
  return problems;
}

function describe<I, O>(model: RevisionModel<I, O>, { operation, revision }: Event<I, O>): string {
  return `${model.describeOperation(operation.input, operation.output?.output)} (process ${operation.process}) has revision ${revision}`;
}

/** Two unknown ones are equal, where a difference would not be a number. */
function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
