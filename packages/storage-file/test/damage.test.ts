import { describe, expect, it } from 'vitest';
import {
  emptyJournalModel,
  matchesJournal,
  randomBatch,
  sampleEntries as entries,
  type JournalModel,
} from '@quorate/conformance/storage';
import { failure, isFailure } from '@quorate/interface';
import type { Failure, Recovered } from '@quorate/interface';
import { readHeader, writeHeader, writeMark } from '../src/batch-format.ts';
import { observe } from './fixtures/observe.ts';
import { SimDisk, seeded } from './fixtures/sim-disk.ts';
import { directory, openNow, simJournal } from './fixtures/subject.ts';

const segment = (generation: number): string => `${directory}/${String(generation).padStart(16, '0')}.seg`;

/** A journal of several segments with everything acknowledged, after a crash or an orderly stop. */
function written(seed: number, end: 'crash' | 'close'): { disk: SimDisk; model: JournalModel } {
  const random = seeded(seed);
  const disk = new SimDisk({ random });
  const journal = simJournal(disk);
  openNow(disk, journal);
  let model = emptyJournalModel;
  for (let i = 0; i < 150; i++) {
    const { batch, next } = randomBatch(model, random, i);
    journal.append(batch);
    journal.flush();
    disk.run();
    model = next;
  }
  if (end === 'close') journal.close(() => undefined);
  disk.run();
  disk.crash('kill');
  return { disk, model };
}

function reopen(disk: SimDisk, salt?: number): { recovered: Recovered | Failure; seen: JournalModel | Failure | undefined } {
  const journal = simJournal(disk, salt === undefined ? {} : { salt });
  const recovered = openNow(disk, journal);
  return { recovered, seen: isFailure(recovered) ? undefined : observe(disk, journal, recovered) };
}

describe('a flipped bit in a segment', () => {
  it.each(['crash', 'close'] as const)(
    'is refused by file, offset and entries, or hit nothing that counts (after a %s)',
    (end) => {
      let refused = 0;
      let unused = 0;
      for (const seed of [1, 2, 3]) {
        const { disk, model } = written(seed, end);
        const random = seeded(seed + 1000);
        const files = disk.paths().filter((path) => path.endsWith('.seg'));
        expect(files.length).toBeGreaterThan(1);
        for (let flip = 0; flip < 60; flip++) {
          const twin = disk.copy();
          const path = files[Math.floor(random() * files.length)] ?? '';
          const bytes = twin.content(path).slice();
          const at = Math.floor(random() * bytes.length);
          bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
          twin.replace(path, bytes);
          const { recovered, seen } = reopen(twin);
          if (isFailure(recovered)) {
            refused++;
            expect(recovered.code).toMatch(/^E_JOURNAL_CORRUPT$/u);
            expect(recovered.text).toMatch(/file data\/journal\/\d{16}\.seg, offset \d+, entries (after )?\d+/u);
            expect(recovered.exit).toBe(65);
          } else {
            unused++;
            expect(seen !== undefined && !isFailure(seen) && matchesJournal(model, seen), `seed ${seed}, ${path} at ${at}`).toBe(
              true,
            );
          }
        }
      }
      expect(refused).toBeGreaterThan(20);
      expect(unused).toBeGreaterThan(5);
    },
  );

  it('in the newest batch is refused wherever it hits, except in its mark: the batch itself is whole', () => {
    const disk = new SimDisk({ random: seeded(1) });
    const journal = simJournal(disk);
    openNow(disk, journal);
    journal.append({ entries: [entries(1, ['first'])], commit: 0 });
    journal.flush();
    const begin = 64 + 64 + 40 + 64 + 8 + 32; // header of the segment, then the first batch
    journal.append({ entries: [entries(2, ['second'])], commit: 0 });
    journal.flush();
    disk.crash('kill');
    const outcomes = new Map<number, string>();
    for (let at = begin; at < begin + 208; at++) {
      const twin = disk.copy();
      twin.content(segment(1))[at] = (twin.content(segment(1))[at] ?? 0) ^ 4;
      const { recovered } = reopen(twin);
      outcomes.set(at - begin, isFailure(recovered) ? recovered.code : `entries to ${recovered.runs.at(-1)?.to}`);
    }
    for (const [at, outcome] of outcomes)
      expect({ at, outcome }).toEqual({ at, outcome: at < 176 ? 'E_JOURNAL_CORRUPT' : 'entries to 2' });
  });
});

/** Two batches of one entry each, in the first segment; the second begins at `secondBatch`. */
function twoBatches(text: string): SimDisk {
  const disk = new SimDisk({ random: seeded(1) });
  const journal = simJournal(disk);
  openNow(disk, journal);
  for (const index of [1, 2]) {
    journal.append({ entries: [entries(index, [`${text} ${index}`])], commit: 0 });
    journal.flush();
  }
  disk.crash('kill');
  return disk;
}

// The header of the segment, then the first batch: header, state, one entry record, its payload, mark.
const secondBatch = 64 + 64 + 40 + 64 + 8 + 32;

describe('a batch that is whole', () => {
  it('is refused behind another one than it was written behind, also where its number fits', () => {
    const disk = twoBatches('ours!');
    const others = twoBatches('other').content(segment(1));
    disk.content(segment(1)).set(others.subarray(secondBatch, secondBatch + 4096), secondBatch);
    const { recovered } = reopen(disk);
    expect(recovered).toMatchObject({ failure: true, code: 'E_JOURNAL_CORRUPT' });
    expect(isFailure(recovered) && recovered.text).toContain(`${segment(1)}, offset ${secondBatch}, entries after 1`);
  });

  it('is refused in a place that it was not written for, also where all the rest of it fits', () => {
    const disk = twoBatches('moved');
    const bytes = disk.content(segment(1));
    const header = readHeader(bytes, secondBatch, disk.crc32);
    if (typeof header === 'string') throw new Error(`the second batch begins elsewhere: ${header}`);
    const hash = writeHeader(bytes.subarray(secondBatch), { ...header, offset: secondBatch + 4096 }, disk.crc32);
    const at = secondBatch + 64 + header.bodyBytes;
    writeMark(bytes.subarray(at, at + 32), { ...header, lastIndex: 2, hash }, disk.crc32);
    const { recovered } = reopen(disk);
    expect(recovered).toMatchObject({ failure: true, code: 'E_JOURNAL_CORRUPT' });
    expect(isFailure(recovered) && recovered.text).toContain('stands where it was not written');
  });
});

describe('a read of an open journal', () => {
  // Of the large record only the part that is wanted is read.
  const records = [
    ['small', ['some payload']],
    ['large', Array.from({ length: 100 }, (_, i) => `${i === 1 ? 'some payload' : i} ${'x'.repeat(1_000)}`)],
  ] as const;

  it.each(records)('finds damage in a %s record', (_name, texts) => {
    const disk = new SimDisk({ random: seeded(1) });
    const journal = simJournal(disk);
    openNow(disk, journal);
    journal.append({ entries: [entries(1, texts)], commit: 0 });
    journal.flush();
    const bytes = disk.content(segment(1));
    bytes[Buffer.from(bytes).indexOf('some payload')] = 0;
    const answers: unknown[] = [];
    journal.read({ from: 1, to: texts.length }, 5_000, (result) => answers.push(result));
    expect(answers).toMatchObject([{ failure: true, code: 'E_JOURNAL_CORRUPT' }]);
  });

  it.each(records)('says what the disk refused in a %s record: an error is not the end of the log', (_name, texts) => {
    const disk = new SimDisk({ random: seeded(1) });
    const journal = simJournal(disk);
    openNow(disk, journal);
    journal.append({ entries: [entries(1, texts)], commit: 0 });
    journal.flush();
    disk.read = (_file, _offset, _bytes, done) => done(failure('E_DISK_IO', 'the read failed (EIO).', 74));
    const answers: unknown[] = [];
    journal.read({ from: 1, to: texts.length }, 5_000, (result) => answers.push(result));
    expect(answers).toMatchObject([{ failure: true, code: 'E_DISK_IO' }]);
  });
});

describe('files of the journal', () => {
  const cases: readonly { name: string; code: string; change: (disk: SimDisk, bytes: Uint8Array) => void }[] = [
    { name: 'an empty file', code: 'E_JOURNAL_CORRUPT', change: (disk) => disk.replace(segment(2), new Uint8Array(0)) },
    { name: 'a file of one byte', code: 'E_JOURNAL_CORRUPT', change: (disk) => disk.replace(segment(2), Uint8Array.of(1)) },
    { name: 'a wrong magic', code: 'E_JOURNAL_CORRUPT', change: (disk, bytes) => disk.replace(segment(2), bytes.fill(65, 0, 4)) },
    {
      name: 'a file cut short',
      code: 'E_JOURNAL_CORRUPT',
      change: (disk, bytes) => disk.replace(segment(2), bytes.subarray(0, 5_000)),
    },
    {
      name: 'zeros in place of the last batches',
      code: 'E_JOURNAL_CORRUPT',
      change: (disk, bytes) => disk.replace(segment(2), bytes.fill(0, 20_000)),
    },
    { name: 'a missing segment in the middle', code: 'E_JOURNAL_MISSING', change: (disk) => disk.replace(segment(2), undefined) },
    {
      name: 'a segment under the name of another',
      code: 'E_JOURNAL_CORRUPT',
      change: (disk) => disk.replace(segment(2), disk.content(segment(1))),
    },
  ];

  function threeSegments(): SimDisk {
    const disk = new SimDisk({ random: seeded(1) });
    const journal = simJournal(disk);
    openNow(disk, journal);
    for (let index = 1; disk.paths().every((path) => path !== segment(3)) || index < 20; index++) {
      journal.append({ entries: [entries(index, [`${index} ${'x'.repeat(9_000)}`])], commit: 0 });
      journal.flush();
      disk.run();
    }
    disk.crash('kill');
    return disk;
  }

  it.each(cases)('$name: refused', ({ code, change }) => {
    const disk = threeSegments();
    change(disk, disk.content(segment(2)).slice());
    const { recovered } = reopen(disk);
    expect(recovered).toMatchObject({ failure: true, code });
    if (isFailure(recovered)) expect(recovered.text).toContain(segment(2));
  });

  it('segments of another member are refused', () => {
    expect(reopen(threeSegments(), 78).recovered).toMatchObject({ failure: true, code: 'E_JOURNAL_FOREIGN' });
  });

  it('a newer format is refused, and nothing is changed', () => {
    const disk = threeSegments();
    const bytes = disk.content(segment(1)).slice();
    bytes[4] = 2;
    new DataView(bytes.buffer).setUint32(60, disk.crc32(bytes.subarray(0, 60), 0), true);
    disk.replace(segment(1), bytes);
    expect(reopen(disk).recovered).toMatchObject({ failure: true, code: 'E_VERSION', exit: 78 });
    expect(disk.content(segment(1))).toEqual(bytes);
  });

  it('the loss of the newest batches after an orderly stop is refused: the marker of the stop names them', () => {
    const disk = new SimDisk({ random: seeded(1) });
    const journal = simJournal(disk);
    openNow(disk, journal);
    journal.append({ entries: [entries(1, ['kept'])], commit: 0 });
    journal.flush();
    const end = 64 + 64 + 40 + 64 + 8 + 32;
    journal.append({ entries: [entries(2, ['lost'])], commit: 0 });
    journal.close(() => undefined);
    disk.content(segment(1)).fill(0, end);
    const { recovered } = reopen(disk);
    expect(recovered).toMatchObject({ failure: true, code: 'E_JOURNAL_CORRUPT' });
    expect(isFailure(recovered) && recovered.text).toContain(`${segment(1)}, offset ${end}, entries after 1`);
  });

  it('cuts a torn tail off once, keeps a copy of it and says so once', () => {
    const disk = new SimDisk({ random: seeded(1) });
    const journal = simJournal(disk);
    openNow(disk, journal);
    journal.append({ entries: [entries(1, ['kept'])], commit: 0 });
    journal.flush();
    const end = 64 + 64 + 40 + 64 + 8 + 32;
    disk.content(segment(1)).fill(0x55, end, end + 700);
    disk.crash('kill');
    const reports: string[] = [];
    const next = simJournal(disk, { reports });
    expect(openNow(disk, next)).toMatchObject({ runs: [{ from: 1, to: 1 }] });
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain(`${segment(1)}, offset ${end}`);
    expect(disk.content(`${directory}/torn.bin`).subarray(0, 700)).toEqual(new Uint8Array(700).fill(0x55));
    disk.crash('kill');
    expect(isFailure(openNow(disk, simJournal(disk, { reports })))).toBe(false);
    expect(reports).toHaveLength(1);
  });
});

describe('the size of the journal', () => {
  it('stays bounded while everything old is compacted: segments are recycled, not piled up', () => {
    const disk = new SimDisk({ random: seeded(1), deferred: true });
    const journal = simJournal(disk);
    openNow(disk, journal);
    let most = 0;
    for (let index = 1; index <= 400; index++) {
      const text = 'x'.repeat(1_000 + ((index * 7_919) % 3_001));
      journal.append({ entries: [entries(index, [text])], commit: index, compactBelow: Math.max(1, index - 5) });
      journal.flush();
      disk.run();
      most = Math.max(most, disk.paths().filter((path) => path.endsWith('.seg')).length);
    }
    expect(most).toBeLessThanOrEqual(4);
    expect(journal.stats()['segmentWaits']).toBe(0);
    // What a recycled segment held before is no torn batch.
    disk.crash('kill');
    const reports: string[] = [];
    expect(openNow(disk, simJournal(disk, { reports }))).toMatchObject({ commit: 400 });
    expect(reports).toEqual([]);
  });

  it.each([4_096, 65_536])('keeps a batch that is larger than a segment (of %i)', (segmentBytes) => {
    const disk = new SimDisk({ random: seeded(1), deferred: true });
    const journal = simJournal(disk, { segmentBytes });
    openNow(disk, journal);
    const big = 'y'.repeat(300_000);
    for (const [i, text] of ['a', big, 'b'].entries()) {
      journal.append({ entries: [entries(i + 1, [text])], commit: 0 });
      journal.flush();
      disk.run();
    }
    disk.crash('kill');
    const { recovered, seen } = reopen(disk);
    expect(isFailure(recovered)).toBe(false);
    expect(seen).toMatchObject({ texts: { 1: 'a', 2: big, 3: 'b' } });
  });

  it('restates what is larger than a segment at the start of each, so that the ones before it can go', () => {
    const disk = new SimDisk({ random: seeded(1), deferred: true });
    const journal = simJournal(disk, { segmentBytes: 4_096 });
    openNow(disk, journal);
    const hardState = new Uint8Array(6_000).fill(7);
    journal.append({ entries: [], hardState, commit: 0 });
    for (let index = 1; index <= 60; index++) {
      journal.append({ entries: [entries(index, ['x'.repeat(500)])], commit: index, compactBelow: Math.max(1, index - 2) });
      journal.flush();
      disk.run();
    }
    expect(disk.paths().filter((path) => path.endsWith('.seg')).length).toBeLessThanOrEqual(5);
    for (let life = 0; life < 3; life++) {
      disk.crash('power');
      const { recovered } = reopen(disk);
      expect(recovered).toMatchObject({ hardState, commit: 60 });
    }
  });

  it('fails once, by name, when the disk is full, and says nothing afterwards', () => {
    const disk = new SimDisk({ random: seeded(1), deferred: true });
    const journal = simJournal(disk);
    openNow(disk, journal);
    disk.capacity = 100_000;
    const failures: Failure[] = [];
    const durable: number[] = [];
    journal.onFailure = (failed) => failures.push(failed);
    journal.onDurable = (number) => durable.push(number);
    for (let index = 1; index <= 60; index++) {
      journal.append({ entries: [entries(index, ['x'.repeat(3_000)])], commit: 0 });
      journal.flush();
      disk.run();
    }
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ code: 'E_DISK_FULL', exit: 74 });
    expect(durable.length).toBeLessThan(60);
    disk.capacity = Number.POSITIVE_INFINITY;
    journal.flush();
    disk.run();
    expect(durable.at(-1)).toBeLessThan(60);
  });
});
