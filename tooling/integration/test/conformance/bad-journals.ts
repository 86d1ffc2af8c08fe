import { isFailure, sliceEntries } from '@quorate/interface';
import type { EntryBatch, Journal, JournalBatch, Recovered } from '@quorate/interface';
import type { BrokenStorage, World } from './broken-storage.ts';

/** Every batch is changed before it is written. */
const writing =
  (change: (batch: JournalBatch) => JournalBatch): NonNullable<BrokenStorage['journal']> =>
  (inner) => ({ append: (batch) => inner.append(change(batch)) });

/** What is recovered is changed. */
const recovering =
  (change: (recovered: Recovered) => Partial<Recovered>): NonNullable<BrokenStorage['journal']> =>
  (inner) => ({ open: (done) => inner.open((found) => done(isFailure(found) ? found : { ...found, ...change(found) })) });

/** What is read is changed. */
const reading =
  (change: (entries: readonly EntryBatch[]) => readonly EntryBatch[]): NonNullable<BrokenStorage['journal']> =>
  (inner) => ({
    read: (range, maxBytes, done) =>
      inner.read(range, maxBytes, (found) => done(found === 'compacted' || isFailure(found) ? found : change(found))),
  });

function without(batch: JournalBatch, key: keyof JournalBatch): JournalBatch {
  const { [key]: _gone, ...rest } = batch;
  return rest as JournalBatch;
}

/** Each batch in two: entries now, everything else a turn later. */
function inTwoParts(inner: Journal, world: World): Partial<Journal> {
  let writes = 0;
  let rest: JournalBatch[] = [];
  const journal: Partial<Journal> & { onDurable: Journal['onDurable'] } = {
    onDurable: () => undefined,
    append({ entries, truncateFrom, ...state }) {
      inner.append({ entries, commit: 0, ...(truncateFrom === undefined ? {} : { truncateFrom }) });
      rest.push({ ...state, entries: [] });
      return ++writes;
    },
    flush() {
      inner.flush();
      const states = rest;
      rest = [];
      if (states.length === 0) return;
      world.later(() => {
        for (const state of states) inner.append(state);
        inner.flush();
      });
    },
  };
  return journal;
}

/** Batches that were flushed together leave in the opposite order. */
function backwards(inner: Journal): Partial<Journal> {
  let queue: JournalBatch[] = [];
  let last = 0;
  return {
    append(batch) {
      queue.push(batch);
      return ++last;
    },
    flush() {
      for (const batch of queue.toReversed()) inner.append(batch);
      queue = [];
      inner.flush();
    },
  };
}

/** Journals that lose, reorder or make up. */
export const badJournals: readonly BrokenStorage[] = [
  {
    what: 'forgets everything',
    journal: recovering(() => ({ hardState: undefined, commit: 0, runs: [], tail: [], configs: [] })),
    red: ['a journal recovers what was durable, without a close'],
  },
  {
    what: 'reports writes as durable before they are',
    journal: (inner) => {
      let last = 0;
      const journal: Partial<Journal> & Pick<Journal, 'onDurable'> = {
        onDurable: () => undefined,
        append: (batch) => (last = inner.append(batch)),
      };
      journal.flush = function flush(this: Journal) {
        this.onDurable(last);
        inner.flush();
      };
      return journal;
    },
    red: ['after crashes at random moments a prefix is recovered, with everything acknowledged (seed 1)'],
  },
  {
    what: 'writes at once, without a flush',
    journal: (inner) => ({
      append(batch) {
        const write = inner.append(batch);
        inner.flush();
        return write;
      },
    }),
    red: [
      'a journal writes nothing before it is flushed',
      'a journal writes what is appended from within a completion only after its own flush',
    ],
  },
  {
    what: 'reports nothing',
    journal: () => ({ onDurable: () => undefined, flush: () => undefined }),
    red: ['a journal numbers writes from 1 in every life, and reports them in order, once each is durable'],
  },
  {
    what: 'numbers writes from 0',
    journal: (inner) => ({ append: (batch) => inner.append(batch) - 1 }),
    red: ['a journal numbers writes from 1 in every life, and reports them in order, once each is durable'],
  },
  {
    what: 'writes a batch in two parts',
    journal: inTwoParts,
    red: ['a batch happens entirely or not at all, wherever a crash comes'],
  },
  {
    what: 'writes batches out of order',
    journal: backwards,
    red: [1, 2, 3, 4, 5, 6].map(
      (seed) => `after crashes at random moments a prefix is recovered, with everything acknowledged (seed ${seed})`,
    ),
  },
  {
    what: 'loses hard states',
    journal: writing((batch) => without(batch, 'hardState')),
    red: ['a journal keeps the hard state until another one is written'],
  },
  {
    what: 'takes a batch without a hard state for one with an empty one',
    journal: writing((batch) => ({ ...batch, hardState: batch.hardState ?? new Uint8Array(0) })),
    red: ['a journal keeps the hard state until another one is written'],
  },
  {
    what: 'forgets a truncation',
    journal: writing((batch) => without(batch, 'truncateFrom')),
    red: [
      'a journal truncates before it appends, over a restart too',
      'a journal forgets what was truncated, also where nothing takes its place',
    ],
  },
  {
    what: 'truncates behind its entries',
    journal: (inner) => ({
      append(batch) {
        const { truncateFrom } = batch;
        if (truncateFrom === undefined) return inner.append(batch);
        const kept = batch.entries.filter(({ first }) => first < truncateFrom);
        return inner.append({ ...batch, entries: kept });
      },
    }),
    red: ['a journal truncates before it appends, over a restart too'],
  },
  {
    what: 'ignores a truncation without entries',
    journal: writing((batch) => (batch.entries.length === 0 ? without(batch, 'truncateFrom') : batch)),
    red: ['a journal forgets what was truncated, also where nothing takes its place'],
  },
  {
    what: 'believes the oldest record of a position',
    journal: (inner) => {
      const seen = new Set<number>();
      const isNew = (run: EntryBatch, index: number): boolean =>
        !seen.has(index) && seen.add(index) !== undefined && run.count > 0;
      return {
        append(batch) {
          const entries = batch.entries.flatMap((run) => {
            const parts: EntryBatch[] = [];
            for (let i = run.first; i < run.first + run.count; i++) if (isNew(run, i)) parts.push(sliceEntries(run, i, i));
            return parts;
          });
          return inner.append({ ...batch, entries });
        },
      };
    },
    red: ['a journal keeps holes visible and believes only the newest record of a position'],
  },
  {
    what: 'hides holes',
    journal: recovering(({ runs }) => ({ runs: runs.length < 2 ? runs : [{ ...first(runs), to: runs.at(-1)?.to ?? 0 }] })),
    red: ['a journal keeps holes visible and believes only the newest record of a position'],
  },
  {
    what: 'loses the owner of an epoch',
    journal: recovering(({ runs }) => ({ runs: runs.map((run) => ({ ...run, epoch: { ...run.epoch, owner: 0 } })) })),
    red: ['a journal keeps holes visible and believes only the newest record of a position'],
  },
  {
    what: 'takes everything for a command',
    journal: reading((entries) => entries.map((run) => ({ ...run, kind: 'command' }))),
    red: ['a journal keeps kinds, epochs, checksums and payloads as they are'],
  },
  {
    what: 'loses checksums',
    journal: reading((entries) => entries.map((run) => ({ ...run, checksums: new Uint32Array(run.count) }))),
    red: ['a journal keeps kinds, epochs, checksums and payloads as they are'],
  },
  {
    what: 'reads beyond the bytes asked for',
    journal: (inner) => ({ read: (range, _maxBytes, done) => inner.read(range, 1_000_000, done) }),
    red: ['a journal reads at most the bytes asked for, but at least one entry'],
  },
  {
    what: 'reads nothing where an entry is too large',
    journal: (inner) => ({
      read: (range, maxBytes, done) => inner.read(range, maxBytes, (found) => done(maxBytes < 4 ? [] : found)),
    }),
    red: ['a journal reads at most the bytes asked for, but at least one entry'],
  },
  {
    what: 'never compacts',
    journal: writing((batch) => without(batch, 'compactBelow')),
    red: ['a journal forgets what was compacted'],
  },
  {
    what: 'calls nothing compacted',
    journal: (inner) => ({
      read: (range, maxBytes, done) => inner.read(range, maxBytes, (found) => done(found === 'compacted' ? [] : found)),
    }),
    red: ['a journal forgets what was compacted'],
  },
  {
    what: 'loses the snapshot mark',
    journal: writing((batch) => without(batch, 'snapshotMark')),
    red: [
      'a journal recovers the newest snapshot mark, and counts growth from it',
      'a journal applies the parts of a batch in their order: mark, truncation, entries, compaction',
    ],
  },
  {
    what: 'loses a part of the mark',
    journal: recovering(({ snapshot }) =>
      snapshot === undefined
        ? {}
        : { snapshot: { ...snapshot, configs: snapshot.configs.map(({ next: _next, ...config }) => config) } },
    ),
    red: ['a journal recovers the newest snapshot mark, and counts growth from it'],
  },
  {
    what: 'counts no growth',
    journal: () => ({ grownBytes: () => 0 }),
    red: ['a journal recovers the newest snapshot mark, and counts growth from it'],
  },
  {
    what: 'recovers committed configurations only',
    journal: recovering(({ configs, commit }) => ({ configs: configs.filter((run) => run.first <= commit) })),
    red: ['a journal hands out every configuration above the compaction point'],
  },
  {
    what: 'recovers a tail that begins too early',
    journal: (inner) => ({
      open: (done) =>
        inner.open((found) => {
          if (isFailure(found) || found.commit === 0) return done(found);
          inner.read({ from: 1, to: 1_000 }, 1_000_000, (entries) =>
            done({ ...found, tail: entries === 'compacted' || isFailure(entries) ? [] : entries }),
          );
        }),
    }),
    red: ['a journal recovers the same after a close'],
  },
  {
    what: 'lets the commit hint fall',
    journal: (inner, world) => ({
      append(batch) {
        world.memory.set('commit', batch.commit);
        return inner.append(batch);
      },
      open: (done) =>
        inner.open((found) =>
          done(isFailure(found) ? found : { ...found, commit: (world.memory.get('commit') as number | undefined) ?? 0 }),
        ),
    }),
    red: ['a journal never lets the commit hint fall'],
  },
  {
    what: 'drops what is queued when it closes',
    storage: (inner, world) => ({
      close(done) {
        world.unlock();
        inner.close(done);
      },
    }),
    red: ['a journal finishes what is queued when it is closed', 'a storage is closed as often as it is told to'],
  },
  {
    what: 'changes the bytes of a batch',
    journal: writing((batch) => {
      for (const { body } of batch.entries) for (const chunk of body) if (chunk.length > 10_000) chunk[0] = 77;
      return batch;
    }),
    red: ['a journal keeps kinds, epochs, checksums and payloads as they are'],
  },
  {
    what: 'tells metrics what nobody can add up',
    journal: () => ({ stats: () => ({ syncs: Number.NaN }) }),
    red: ['a journal tells metrics in plain numbers and short texts'],
  },
  {
    what: 'finds entries of an earlier life in an empty place',
    journal: recovering(({ commit }) => (commit === 0 ? { hardState: Uint8Array.of(0) } : {})),
    red: ['a journal starts empty'],
  },
  {
    what: 'completes writes after a crash',
    journal: (inner, world) => {
      const journal: Partial<Journal> & Pick<Journal, 'onDurable'> = { onDurable: () => undefined };
      let last = 0;
      journal.append = (batch) => (last = inner.append(batch));
      journal.flush = function flush(this: Journal) {
        inner.flush();
        const now = last;
        for (let i = 0; i < 3; i++) world.later(() => undefined);
        world.later(() => void (now > 1 && this.onDurable(now)));
      };
      return journal;
    },
    red: ['nothing completes after a crash, and what was acknowledged is there'],
  },
];

function first<T>(list: readonly T[]): T {
  const [item] = list;
  if (item === undefined) throw new Error('an empty list');
  return item;
}
