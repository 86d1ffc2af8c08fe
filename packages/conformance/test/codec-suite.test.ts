import { encodeText, type MessageCodec } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { codecSuite, type CodecSubject } from '../src/codec/index.ts';
import { failingNames } from './fixtures/failing-names.ts';
import { noteCodec, noteSubject, type Note } from './fixtures/note-codec.ts';

const sound = [
  'never throws on a head with any byte changed, and what it accepts is sound',
  'never throws on random bytes, and what it accepts is sound',
  'never throws on heads with bytes inserted, removed or repeated, and what it accepts is sound',
];

/** One buffer for all messages. */
function pooled(): Partial<MessageCodec<Note>> {
  const pool = new Uint8Array(200);
  return {
    encode(note) {
      const head = noteCodec.encode(note);
      pool.set(head);
      return pool.subarray(0, head.length);
    },
  };
}

let calls = 0;
const brokenCodecs: readonly (readonly [what: string, change: Partial<MessageCodec<Note>>, red: readonly string[]])[] = [
  ['loses a field', { decode: (head) => withText(noteCodec.decode(head), '') }, ['returns every message as it was']],
  [
    'rounds large numbers',
    { encode: (note) => noteCodec.encode(note.kind === 'note' ? { ...note, number: note.number - (note.number % 2) } : note) },
    ['returns numbers up to 2^53 − 1 as they were', 'returns every message as it was'],
  ],
  [
    'refuses one kind',
    { decode: (head) => (head[1] === 0x7b ? undefined : noteCodec.decode(head)) },
    ['returns every message as it was', 'understands what a newer writer adds'],
  ],
  [
    'encodes the same message in different ways',
    { encode: (note) => encodeText(`1${' '.repeat(calls++ % 3)}${new TextDecoder().decode(noteCodec.encode(note)).slice(1)}`) },
    ['encodes equal messages to equal bytes, and leaves the message alone'],
  ],
  [
    'changes the message that it encodes',
    {
      encode(note) {
        Object.assign(note, { sent: calls++ });
        return noteCodec.encode(note);
      },
    },
    ['encodes equal messages to equal bytes, and leaves the message alone'],
  ],
  ['uses its buffer again', pooled(), ['hands out bytes that no later message overwrites']],
  [
    'decodes the whole buffer of a view',
    { decode: (head) => noteCodec.decode(new Uint8Array(head.buffer)) },
    ['decodes a view of a larger buffer, and leaves it alone'],
  ],
  [
    'clears what it has read',
    {
      decode(head) {
        const note = noteCodec.decode(head);
        head.fill(0);
        return note;
      },
    },
    ['decodes a view of a larger buffer, and leaves it alone'],
  ],
  [
    'takes any version',
    { decode: (head) => noteCodec.decode(Uint8Array.of(0x31, ...head.subarray(1))) },
    ['refuses what it was told to refuse'],
  ],
  [
    'throws on what is cut off',
    { decode: (head) => (head.length < 3 ? thrown() : noteCodec.decode(head)) },
    ['never throws on a head that is cut off anywhere', 'refuses a head that is cut off anywhere'],
  ],
  [
    'takes what is cut off for an end',
    { decode: (head) => noteCodec.decode(head) ?? (head.length < 9 ? { kind: 'end' } : undefined) },
    ['refuses a head that is cut off anywhere', 'refuses what it was told to refuse'],
  ],
  [
    'throws on bytes that are no text',
    { decode: (head) => (head.some((byte) => byte > 0xf7) ? thrown() : noteCodec.decode(head)) },
    sound,
  ],
  [
    'accepts numbers that are no safe integers',
    { decode: (head) => (head[0] === 0x30 ? { kind: 'note', number: 2 ** 60, text: '' } : noteCodec.decode(head)) },
    [sound[0] ?? ''],
  ],
  [
    'accepts a kind that it does not have',
    { decode: (head) => (head[0] === 0x33 ? ({ kind: 'other' } as never) : noteCodec.decode(head)) },
    [sound[0] ?? ''],
  ],
  [
    'accepts what it could not pass on',
    { decode: (head) => (head[0] === 0x35 ? ({ kind: 'note', number: -0, text: '' } as const) : noteCodec.decode(head)) },
    [sound[0] ?? ''],
  ],
];

function withText(note: Note | undefined, text: string): Note | undefined {
  return note?.kind === 'note' ? { ...note, text } : note;
}

function thrown(): never {
  throw new RangeError('too hard');
}

test('a codec that keeps its promises fails no case', async () => {
  expect(await failingNames(codecSuite(noteSubject()))).toEqual([]);
});

test.each(brokenCodecs)('a codec that %s is found out', async (_what, change, red) => {
  const failed = await failingNames(codecSuite(noteSubject({ ...noteCodec, ...change })));
  expect(failed).toEqual(expect.arrayContaining([...red]));
  expect(failed.length).toBeLessThan(codecSuite(noteSubject()).length);
});

describe('a subject that proves nothing is refused', () => {
  const without = (change: Partial<CodecSubject<Note>>): Promise<readonly string[]> =>
    failingNames(codecSuite({ ...noteSubject(), ...change }));
  test('without a sample of each kind', async () => {
    expect(await without({ kinds: ['note', 'end', 'middle'] })).toEqual(['has a sample of every kind']);
  });
  test('without a large number', async () => {
    expect(await without({ samples: [{ kind: 'end' }, { kind: 'note', number: 1, text: '' }] })).toEqual([
      'returns numbers up to 2^53 − 1 as they were',
    ]);
  });
  test('without anything to refuse', async () => {
    expect(await without({ refused: [] })).toEqual(['refuses what it was told to refuse']);
  });
});

test('every case is red for one of them', () => {
  const everRed = new Set(['has a sample of every kind', ...brokenCodecs.flatMap(([, , red]) => red)]);
  expect(codecSuite(noteSubject()).filter(({ name }) => !everRed.has(name))).toEqual([]);
});
