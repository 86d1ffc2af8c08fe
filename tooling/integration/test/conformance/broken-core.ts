import type { CoreSubject } from '@quorate/conformance/core';
import type { Core, CoreInput, CoreKind, CoreSetup, CoreStatus, Effects, JournalBatch } from '@quorate/interface';
import { raft, type RaftMessage } from '@quorate/raft';

type Kind = CoreKind<RaftMessage>;
type RaftEffects = Effects<RaftMessage>;

/** One broken promise: what it does to Raft. */
export interface BrokenCore {
  readonly what: string;
  /** Changes what a drain hands out. `core`: the life that it belongs to. */
  readonly effects?: (life: Life) => (effects: RaftEffects, now: number) => Partial<RaftEffects>;
  /** Changes or swallows an input. */
  readonly input?: (life: Life) => (input: CoreInput<RaftMessage>, now: number) => CoreInput<RaftMessage> | undefined;
  readonly status?: (status: CoreStatus) => Partial<CoreStatus>;
  readonly core?: (inner: Core<RaftMessage>, setup: CoreSetup) => Partial<Core<RaftMessage>>;
  readonly setup?: (setup: CoreSetup) => Partial<CoreSetup>;
  readonly kind?: Partial<Pick<Kind, 'abilities' | 'describe'>>;
  /** Cases that must be red, among others. */
  readonly red: readonly string[];
}

/** One life of a core, for what breaks it. */
export interface Life {
  readonly core: Core<RaftMessage>;
  readonly setup: CoreSetup;
}

export const sound: Kind = raft({ electionTimeoutMs: 100, heartbeatMs: 10 });

/** Raft with something broken. */
export function brokenSubject(broken: BrokenCore): CoreSubject<RaftMessage> {
  const kind: Kind = {
    ...sound,
    ...broken.kind,
    create: (setup) => decorated(sound.create({ ...setup, ...broken.setup?.(setup) }), setup, broken),
  };
  return {
    kind,
    settleMs: 500,
    impossible: (from) => [
      { what: 'a term of 0', message: { kind: 'timeout-now', term: 0 } },
      { what: 'a lie', message: { kind: 'heartbeat', term: 9_999, leader: from + 50, commit: 0, readContext: 0 } },
    ],
  };
}

function decorated(core: Core<RaftMessage>, setup: CoreSetup, broken: BrokenCore): Core<RaftMessage> {
  const life = { core, setup };
  const effects = broken.effects?.(life);
  const input = broken.input?.(life);
  return {
    step(given, now) {
      const changed = input === undefined ? given : input(given, now);
      if (changed !== undefined) core.step(changed, now);
    },
    drain(now) {
      const drained = core.drain(now);
      return { ...drained, ...effects?.(drained, now) };
    },
    cached: (from, maxBytes) => core.cached(from, maxBytes),
    metaAt: (index) => core.metaAt(index),
    status() {
      const status = core.status();
      return { ...status, ...broken.status?.(status) };
    },
    ...broken.core?.(core, setup),
  };
}

/** A drain's write is changed, where there is one. */
export const writing =
  (change: (write: JournalBatch) => JournalBatch): NonNullable<BrokenCore['effects']> =>
  () =>
  ({ write }) =>
    write === undefined ? {} : { write: change(write) };

/** A batch without one of its fields. */
export function without(batch: JournalBatch, key: keyof JournalBatch): JournalBatch {
  const { [key]: _gone, ...rest } = batch;
  return rest as JournalBatch;
}

/** Inputs of one type never arrive. */
export const swallowing =
  (type: CoreInput<RaftMessage>['type']): NonNullable<BrokenCore['input']> =>
  () =>
  (input) =>
    input.type === type ? undefined : input;
