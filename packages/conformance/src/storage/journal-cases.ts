import { crc32, lastOf, noops, packPayloads, payloadOf, placeEntries } from '@quorate/interface';
import type { EntryBatch } from '@quorate/interface';
import { expectEqual, expectThat } from '../expectation.ts';
import type { Life, Place } from './life.ts';
import { roundOf, sampleEntries, sampleMeta, textsOf } from './samples.ts';
import type { StorageCase } from './storage-case.ts';

/** What one journal promises, batch by batch. */
export const journalCases: readonly StorageCase[] = [
  { name: 'a journal starts empty', needs: [], play: startsEmpty },
  { name: 'a journal recovers what was durable, without a close', needs: [], play: recovers },
  { name: 'a journal recovers the same after a close', needs: [], play: recoversAfterClose },
  {
    name: 'a journal numbers writes from 1 in every life, and reports them in order, once each is durable',
    needs: [],
    play: numbers,
  },
  { name: 'a journal writes nothing before it is flushed', needs: [], play: waitsForFlush },
  { name: 'a journal writes what is appended from within a completion only after its own flush', needs: [], play: appendsWithin },
  { name: 'a journal keeps the hard state until another one is written', needs: [], play: keepsHardState },
  { name: 'a journal truncates before it appends, over a restart too', needs: [], play: truncates },
  { name: 'a journal forgets what was truncated, also where nothing takes its place', needs: [], play: truncatesOnly },
  { name: 'a journal keeps holes visible and believes only the newest record of a position', needs: [], play: keepsHoles },
  { name: 'a journal keeps kinds, epochs, checksums and payloads as they are', needs: [], play: keepsEntries },
  { name: 'a journal reads at most the bytes asked for, but at least one entry', needs: [], play: readsWithinBounds },
  { name: 'a journal forgets what was compacted', needs: [], play: compacts },
  { name: 'a journal recovers the newest snapshot mark, and counts growth from it', needs: [], play: marks },
  {
    name: 'a journal applies the parts of a batch in their order: mark, truncation, entries, compaction',
    needs: [],
    play: ordersParts,
  },
  { name: 'a journal hands out every configuration above the compaction point', needs: [], play: configs },
  { name: 'a journal never lets the commit hint fall', needs: [], play: commitStays },
  { name: 'a journal finishes what is queued when it is closed', needs: [], play: finishesQueue },
  { name: 'a journal tells metrics in plain numbers and short texts', needs: [], play: stats },
];

const texts = (life: Life): Record<number, string> => textsOf(life.recovered.tail);

async function startsEmpty(place: Place): Promise<void> {
  const { recovered } = await place.start();
  const nothing = { hardState: undefined, snapshot: undefined, commit: 0, runs: [], tail: [], configs: [], damaged: [] };
  expectEqual(recovered, nothing, 'a new journal holds nothing');
}

async function recovers(place: Place): Promise<void> {
  const first = await place.start();
  const hardState = Uint8Array.of(5, 0, 9);
  await first.write({ entries: [sampleEntries(1, ['a', 'b'])], hardState });
  await first.write({ entries: [sampleEntries(3, ['c', ''], roundOf(2))], commit: 2 });
  const again = await place.restart();
  const { recovered } = again;
  expectEqual(recovered.hardState, hardState, 'the hard state is recovered');
  expectEqual(recovered.commit, 2, 'the commit hint is recovered');
  expectEqual(recovered.runs, [run(1, 2, 1), run(3, 4, 2)], 'the runs of all entries are recovered');
  expectEqual(texts(again), { 3: 'c', 4: '' }, 'the payloads above the commit hint are recovered');
  expectEqual(recovered.damaged, [], 'nothing is damaged');
  expectEqual(await again.readAll({ from: 1, to: 4 }), { 1: 'a', 2: 'b', 3: 'c', 4: '' }, 'all entries can be read');
}

function run(from: number, to: number, round: number, owner = 0): object {
  return { from, to, epoch: { round, owner } };
}

async function recoversAfterClose(place: Place): Promise<void> {
  const first = await place.start();
  await first.write({ entries: [sampleEntries(1, ['a', 'b'])], commit: 1 });
  await first.close();
  const again = await place.start();
  expectEqual([again.recovered.commit, texts(again)], [1, { 2: 'b' }], 'a closed journal is recovered');
}

async function numbers(place: Place): Promise<void> {
  for (const from of [1, 4]) {
    const life = await place.restart();
    expectEqual(life.append({ entries: [sampleEntries(from, ['a'])] }), 1, 'the first write of a life is 1');
    expectEqual(life.append({ entries: [sampleEntries(from + 1, ['b'])] }), 2, 'the next write is the previous one plus 1');
    life.journal.flush();
    await place.harness.until(() => life.isDurable(2), 'both writes become durable');
    expectEqual(await life.write({ entries: [sampleEntries(from + 2, ['c'])] }), 3, 'numbers go on after a flush');
    await place.quiet();
    const rising = life.durable.every((write, i) => write > (life.durable[i - 1] ?? 0));
    expectThat(rising && life.durable.at(-1) === 3, () => `completions rise up to the last write (got ${life.durable.join()})`);
  }
}

async function waitsForFlush(place: Place): Promise<void> {
  const life = await place.start();
  life.append({ entries: [sampleEntries(1, ['a'])] });
  await place.quiet();
  expectEqual(life.durable, [], 'nothing is durable before flush');
  const again = await place.restart();
  expectEqual(again.recovered.runs, [], 'nothing is written before flush');
}

async function appendsWithin(place: Place): Promise<void> {
  const life = await place.start();
  life.onDurable = (write) => {
    if (write === 1) life.append({ entries: [sampleEntries(2, ['b'])], commit: 1 });
  };
  await life.write({ entries: [sampleEntries(1, ['a'])] });
  await place.quiet();
  expectEqual(life.durable, [1], 'what is appended from within a completion waits for a flush of its own');
  life.journal.flush();
  await place.harness.until(() => life.isDurable(2), 'the second write becomes durable');
  expectEqual(life.durable, [1, 2], 'completions come in order');
}

async function keepsHardState(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ hardState: Uint8Array.of(1, 2, 3) });
  await life.write({ entries: [sampleEntries(1, ['a'])] });
  const again = await place.restart();
  expectEqual(again.recovered.hardState, Uint8Array.of(1, 2, 3), 'a batch without a hard state leaves it as it was');
  await again.write({ hardState: Uint8Array.of(9) });
  await again.write({ hardState: new Uint8Array(0) });
  expectEqual(
    (await place.restart()).recovered.hardState,
    new Uint8Array(0),
    'the newest hard state is recovered, an empty one too',
  );
}

async function truncates(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ entries: [sampleEntries(1, ['a', 'b', 'c', 'd'])], commit: 1 });
  await life.write({ truncateFrom: 3, entries: [sampleEntries(3, ['C'], roundOf(2))], commit: 1 });
  expectEqual(await life.readAll({ from: 1, to: 9 }), { 1: 'a', 2: 'b', 3: 'C' }, 'what was truncated cannot be read');
  const again = await place.restart();
  expectEqual(again.recovered.runs, [run(1, 2, 1), run(3, 3, 2)], 'what was truncated is not recovered');
  expectEqual(texts(again), { 2: 'b', 3: 'C' }, 'the tail is of what is left');
}

async function truncatesOnly(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ entries: [sampleEntries(1, ['a', 'b', 'c'])] });
  await life.write({ truncateFrom: 2 });
  expectEqual(await life.readAll({ from: 1, to: 9 }), { 1: 'a' }, 'what was truncated cannot be read');
  const again = await place.restart();
  expectEqual(again.recovered.runs, [run(1, 1, 1)], 'what was truncated is not recovered');
  await again.write({ truncateFrom: 1 });
  expectEqual((await place.restart()).recovered.runs, [], 'everything can be truncated');
}

async function keepsHoles(place: Place): Promise<void> {
  const life = await place.start();
  const ballot = { round: 2, owner: 3 };
  await life.write({ entries: [sampleEntries(1, ['a', 'b', 'c']), sampleEntries(7, ['g', 'h'])] });
  await life.write({ entries: [sampleEntries(2, ['B'], ballot), noops(5, 1, ballot)] });
  await life.write({ entries: [sampleEntries(7, ['G'], ballot)] });
  const expected = { 1: 'a', 2: 'B', 3: 'c', 5: '', 7: 'G', 8: 'h' };
  expectEqual(await life.readAll({ from: 1, to: 9 }), expected, 'the newest record of a position is read');
  const again = await place.restart();
  const runs = [run(1, 1, 1), run(2, 2, 2, 3), run(3, 3, 1), run(5, 5, 2, 3), run(7, 7, 2, 3), run(8, 8, 1)];
  expectEqual(again.recovered.runs, runs, 'holes show as gaps between runs');
  expectEqual(texts(again), expected, 'the newest record of a position is recovered');
  expectEqual(await again.readAll({ from: 1, to: 9 }), expected, 'the newest record of a position is read after a restart');
}

/** One entry as a plain object, for comparing. */
function entriesOf(batches: readonly EntryBatch[]): Record<number, object> {
  const found: Record<number, object> = {};
  for (const batch of batches) {
    const { first, kind, epoch, checksums } = batch;
    for (let index = first; index <= lastOf(batch); index++)
      found[index] = { kind, epoch, payload: payloadOf(batch, index), checksum: checksums[index - first] };
  }
  return found;
}

async function keepsEntries(place: Place): Promise<void> {
  const life = await place.start();
  const crc = (bytes: Uint8Array): number => crc32(bytes, 0);
  const large = Uint8Array.from({ length: 150_000 }, (_, i) => (i * 7) & 255);
  // Several payloads in one chunk, and a chunk that begins in the middle of a larger buffer.
  const shared = Uint8Array.from({ length: 30 }, (_, i) => i);
  const parts = [shared.subarray(3, 10), shared.subarray(10, 10), shared.subarray(10, 21)];
  const packed = { ...packPayloads(parts, crc), body: [shared.subarray(3, 21)] };
  const far = { round: 2 ** 53 - 1, owner: 2 ** 48 - 1 };
  const written = [
    placeEntries(packPayloads([large, new Uint8Array(0), Uint8Array.of(0)], crc), 1, roundOf(1), 'command'),
    noops(4, 3, roundOf(2)),
    sampleEntries(7, ['a configuration'], roundOf(2), 'config'),
    placeEntries(packed, 8, far, 'command'),
    sampleEntries(
      11,
      Array.from({ length: 3_000 }, (_, i) => `${i}`),
      far,
    ),
  ];
  const expected = entriesOf(written);
  for (const batch of written) await life.write({ entries: [batch] });
  const all = { from: 1, to: 3_010 };
  expectEqual(entriesOf(await readWhole(life, all)), expected, 'entries are read as they were written');
  const again = await place.restart();
  expectEqual(entriesOf(again.recovered.tail), expected, 'entries are recovered as they were written');
  expectEqual(entriesOf(await readWhole(again, all)), expected, 'entries are read as they were written after a restart');
}

async function readWhole(life: Life, { from, to }: { readonly from: number; readonly to: number }): Promise<EntryBatch[]> {
  const found: EntryBatch[] = [];
  for (let next = from; next <= to;) {
    const entries = await life.read({ from: next, to }, 100_000);
    const last = entries === 'compacted' ? undefined : entries.at(-1);
    if (entries === 'compacted' || last === undefined) break;
    found.push(...entries);
    next = lastOf(last) + 1;
  }
  return found;
}

async function readsWithinBounds(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ entries: [sampleEntries(1, ['aaaa', 'bbbb']), sampleEntries(3, ['cccc', 'dddd'])] });
  const read = async (from: number, maxBytes: number): Promise<unknown> => {
    const entries = await life.read({ from, to: 4 }, maxBytes);
    return entries === 'compacted' ? entries : textsOf(entries);
  };
  expectEqual(await read(1, 1), { 1: 'aaaa' }, 'a read returns at least one entry');
  expectEqual(await read(2, 4), { 2: 'bbbb' }, 'a read returns at most the bytes asked for');
  expectEqual(await read(3, 8), { 3: 'cccc', 4: 'dddd' }, 'a read returns what fits');
  expectEqual(await read(5, 8), {}, 'there is nothing beyond the end');
  const all = { 1: 'aaaa', 2: 'bbbb', 3: 'cccc', 4: 'dddd' };
  expectEqual(await life.readAll({ from: 1, to: 4 }, 5), all, 'reads go on where the last one ended');
}

async function compacts(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ entries: [sampleEntries(1, ['a', 'b', 'c', 'd'])], commit: 4 });
  await life.write({ compactBelow: 3, commit: 4 });
  expectEqual(await life.readAll({ from: 2, to: 4 }), 'compacted', 'what was compacted is gone');
  expectEqual(await life.readAll({ from: 3, to: 4 }), { 3: 'c', 4: 'd' }, 'what was not compacted is there');
  const again = await place.restart();
  expectEqual(again.recovered.runs, [run(3, 4, 1)], 'what was compacted is not recovered');
  expectEqual(await again.readAll({ from: 1, to: 4 }), 'compacted', 'what was compacted stays gone');
}

async function marks(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ entries: [sampleEntries(1, ['x'.repeat(5_000)])], commit: 1 });
  expectThat(life.journal.grownBytes() > 5_000, 'growth counts what was written');
  await life.write({ snapshotMark: sampleMeta(40, 123), truncateFrom: 1, compactBelow: 41, commit: 1 });
  expectThat(life.journal.grownBytes() < 5_000, 'growth is counted from the newest mark');
  const { recovered } = await place.restart();
  expectEqual(recovered.snapshot, sampleMeta(40, 123), 'the mark is recovered whole');
  expectEqual(recovered.commit, 40, 'what the snapshot holds is committed');
  expectEqual(recovered.runs, [], 'nothing is left of what was truncated');
}

async function ordersParts(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ entries: [sampleEntries(1, ['a', 'b', 'c', 'd'])], commit: 1 });
  await life.write({
    snapshotMark: sampleMeta(2),
    truncateFrom: 3,
    entries: [sampleEntries(3, ['C', 'D'], roundOf(3))],
    hardState: Uint8Array.of(3),
    compactBelow: 2,
    commit: 3,
  });
  const again = await place.restart();
  const { snapshot, runs, hardState, commit } = again.recovered;
  expectEqual(snapshot?.index, 2, 'the mark is recovered');
  expectEqual(runs, [run(2, 2, 1), run(3, 4, 3)], 'truncated first, then appended, then compacted');
  expectEqual(
    [hardState, commit, texts(again)],
    [Uint8Array.of(3), 3, { 4: 'D' }],
    'hard state, commit hint and tail are of the batch',
  );
}

async function configs(place: Place): Promise<void> {
  const life = await place.start();
  const config = (index: number): EntryBatch => sampleEntries(index, [`c${index}`], roundOf(1), 'config');
  await life.write({ entries: [config(1), sampleEntries(2, ['a']), config(3)] });
  await life.write({ entries: [config(4)], commit: 3 });
  await life.write({ compactBelow: 2, commit: 3 });
  const again = await place.restart();
  expectEqual(textsOf(again.recovered.configs), { 3: 'c3', 4: 'c4' }, 'configurations are recovered, whether committed or not');
  expectThat(
    again.recovered.configs.every(({ kind }) => kind === 'config'),
    'configurations are entries of that kind',
  );
  expectEqual(texts(again), { 4: 'c4' }, 'the tail begins above the commit hint');
}

async function commitStays(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ entries: [sampleEntries(1, ['a', 'b'])], commit: 2 });
  await life.write({ hardState: Uint8Array.of(1), commit: 0 });
  expectEqual((await place.restart()).recovered.commit, 2, 'the highest commit hint is recovered');
}

async function finishesQueue(place: Place): Promise<void> {
  const life = await place.start();
  life.append({ entries: [sampleEntries(1, ['a'])] });
  await life.close();
  expectEqual(texts(await place.start()), { 1: 'a' }, 'what was queued is durable after close');
}

async function stats(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ entries: [sampleEntries(1, ['a'])] });
  for (const [name, value] of Object.entries(life.journal.stats())) {
    const plain = typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && value.length < 100;
    expectThat(plain, `stats are plain numbers and short texts (${name}: ${String(value)})`);
  }
}
