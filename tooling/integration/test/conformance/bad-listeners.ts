import type { JournalBatch } from '@quorate/interface';
import type { RaftMessage } from '@quorate/raft';
import { type BrokenCore } from './broken-core.ts';

const elects = 'elects one leader, whom everybody follows, in groups of one to five';
const deposed = 'never answers from a leader that was deposed';

// Of all lives together: what no core may look at.
const everyDrain = { count: 0 };

/** Cores that are not deterministic, or bear no strangers. */
export const badListeners: readonly BrokenCore[] = [
  { what: 'throws a die of its own', setup: () => ({ random: Math.random }), red: ['has equal effects for equal inputs'] },
  {
    what: 'looks at another clock',
    effects: () => {
      let drains = 0;
      return ({ nextDeadline }) => ({ nextDeadline: nextDeadline + (everyDrain.count++ % 3 === 0 && ++drains > 0 ? 0.001 : 0) });
    },
    red: ['has equal effects for equal inputs'],
  },
  {
    what: 'uses a batch again',
    effects: () => {
      const used: JournalBatch['entries'][number][] = [];
      return ({ write }) => {
        if (write === undefined) return {};
        used.length = 0;
        used.push(...write.entries);
        return { write: { ...write, entries: used } };
      };
    },
    red: ['never changes what it handed out'],
  },
  {
    what: 'keeps links of liars',
    effects: () => () => ({ closes: [] }),
    red: ['drops and counts what no correct member sends, and ends the link'],
  },
  {
    what: 'closes links that never were',
    effects:
      () =>
      ({ closes }) => ({ closes: closes.map((close) => ({ ...close, link: 999 })) }),
    red: ['drops and counts what no correct member sends, and ends the link'],
  },
  {
    what: 'counts no lies',
    status: () => ({ detail: {} }),
    red: ['drops and counts what no correct member sends, and ends the link'],
  },
  {
    what: 'throws on numbers that are none',
    input: () => (input) => {
      if (
        input.type === 'message' &&
        !Object.values(input.message).every((value) => typeof value !== 'number' || Number.isSafeInteger(value))
      )
        throw new Error('not a number');
      return input;
    },
    red: ['never throws on messages with any field changed'],
  },
  {
    what: 'throws on entries with a gap',
    input: () => (input) => {
      if (input.type === 'message') for (const run of input.entries) if (run.count !== run.ends.length) throw new Error('a gap');
      return input;
    },
    red: ['never throws on entries that do not fit together'],
  },
  {
    what: 'throws on strangers',
    input:
      ({ setup }) =>
      (input) => {
        if (input.type === 'message' && !setup.genesis.members.some(({ id }) => id === input.from)) throw new Error('a stranger');
        return input;
      },
    red: ['never throws on messages of strangers and of links that are over'],
  },
  {
    what: 'takes an old message for proof',
    input: () => {
      const heard = new Set<RaftMessage>();
      return (input) => {
        if (input.type !== 'message' || !heard.has(input.message)) {
          if (input.type === 'message') heard.add(input.message);
          return input;
        }
        throw new Error('somebody speaks twice');
      };
    },
    red: ['never throws on messages of strangers and of links that are over'],
  },
  {
    what: 'throws on answers that it did not ask for',
    input: () => (input) => {
      if (input.type === 'fetched' && input.fetch > 777_000) throw new Error('not asked for');
      return input;
    },
    red: ['ignores completions and links that it knows nothing of'],
  },
  { what: 'has no words', kind: { describe: () => '' }, red: ['describes every message in words'] },
  { what: 'traces where nobody listens', effects: () => () => ({ trace: [{ event: 'drained' }] }), red: [elects] },
  {
    what: 'diverges on a bad day',
    effects: () => {
      let drains = 0;
      return () => (++drains > 100 ? { diverged: 'a bad day' } : {});
    },
    red: ['rejects proposals where it does not lead or is not ready', deposed],
  },
  {
    what: 'chooses out of order without saying so',
    effects:
      () =>
      ({ commit }) => ({ chosen: [{ from: commit.index, to: commit.index }] }),
    red: [elects],
  },
];
