import { describe, expect, test } from 'vitest';
import { authorityFilter } from '../src/etcd/authority-filter.ts';
import { clientHello, hpackInteger, hpackString, http2Frame } from './fixtures/raw-http2.ts';

const url = 'http://127.0.0.1:2379';
const [endStream, endHeaders, padded, priority] = [1, 4, 8, 0x20];
const [headers, continuation] = [1, 9];

// What each of the blocks begins and ends with: an indexed field, a resize, and literals with all kinds of names.
const before = Buffer.concat([
  hpackInteger(0x20, 5, 4096),
  Buffer.from([0x83]),
  hpackInteger(0x80, 7, 200),
  Buffer.from([0x40]),
  hpackString('grpc-timeout'),
  hpackString('x'.repeat(200), false),
  hpackInteger(0x00, 4, 31),
  hpackString('application/grpc'),
]);
const after = Buffer.concat([
  Buffer.from([0x44]),
  hpackString('/a/B', false),
  Buffer.from([0x10]),
  hpackString('k'),
  hpackString(''),
]);

const inLetters = (encoded: Buffer): Buffer => {
  const plain = Buffer.from(encoded);
  plain[0] = (plain[0] ?? 0) & 0x7f;
  return plain.fill('a', 1);
};

// An `:authority` literal as the client sends it, and as it comes out.
const literal = (first: number, value: Buffer): [Buffer, Buffer] => [
  Buffer.concat([before, Buffer.from([first]), value, after]),
  Buffer.concat([before, Buffer.from([first]), inLetters(value), after]),
];

function filtered(bytes: Buffer, split: number): Buffer {
  const filter = authorityFilter();
  const pieces = [Buffer.from(bytes.subarray(0, split)), Buffer.from(bytes.subarray(split))];
  for (const piece of pieces) filter(piece);
  return Buffer.concat(pieces);
}

function expectAtEverySplit(sent: Buffer, expected: Buffer): void {
  const rest = http2Frame(0, endStream, 1, Buffer.from([0x41, 3, 1, 2, 3]));
  const whole = Buffer.concat([clientHello, sent, rest]);
  const wanted = Buffer.concat([clientHello, expected, rest]);
  for (let split = 0; split <= whole.length; split++) {
    if (!filtered(whole, split).equals(wanted))
      expect(filtered(whole, split).toString('hex'), `split at ${split}`).toBe(wanted.toString('hex'));
  }
  const filter = authorityFilter();
  const singly = Array.from(whole, (byte) => Uint8Array.of(byte));
  for (const byte of singly) filter(byte);
  expect(Buffer.concat(singly).equals(wanted)).toBe(true);
}

describe('an :authority literal becomes letters of the same encoded length', () => {
  const kinds = { 'with incremental indexing': 0x41, 'without indexing': 0x01, 'never indexed': 0x11 };
  const values = { plain: hpackString(url, false), 'Huffman-coded': hpackString(url) };
  for (const [kind, first] of Object.entries(kinds)) {
    for (const [coding, value] of Object.entries(values)) {
      test(`${kind}, ${coding}`, () => {
        const [sent, expected] = literal(first, value);
        expectAtEverySplit(http2Frame(headers, endHeaders, 1, sent), http2Frame(headers, endHeaders, 1, expected));
      });
    }
  }

  test('of a length that takes three bytes', () => {
    const [sent, expected] = literal(0x41, hpackString('#'.repeat(300), false));
    expectAtEverySplit(http2Frame(headers, endHeaders, 1, sent), http2Frame(headers, endHeaders, 1, inLettersAt(sent, expected)));
  });

  test('in a frame with padding and a priority', () => {
    const [sent, expected] = literal(0x41, hpackString(url));
    const framed = (block: Buffer): Buffer =>
      http2Frame(
        headers,
        endHeaders | padded | priority,
        1,
        Buffer.concat([Buffer.from([7, 0, 0, 0, 0, 255]), block, Buffer.alloc(7, 0x41)]),
      );
    expectAtEverySplit(framed(sent), framed(expected));
  });

  test('that CONTINUATION frames divide', () => {
    const [sent, expected] = literal(0x41, hpackString(url));
    const framed = (block: Buffer, first: number): Buffer =>
      Buffer.concat([
        http2Frame(headers, padded, 1, Buffer.concat([Buffer.from([2]), block.subarray(0, first), Buffer.alloc(2)])),
        http2Frame(continuation, 0, 1),
        http2Frame(continuation, endHeaders, 1, block.subarray(first)),
      ]);
    for (let first = before.length; first < sent.length - after.length; first++) {
      const whole = Buffer.concat([clientHello, framed(sent, first)]);
      expect(filtered(whole, 40)).toEqual(Buffer.concat([clientHello, framed(expected, first)]));
    }
    expectAtEverySplit(framed(sent, before.length + 5), framed(expected, before.length + 5));
  });

  test('in each block of a connection', () => {
    const [sent, expected] = literal(0x41, hpackString(url));
    const thrice = (block: Buffer): Buffer =>
      Buffer.concat([1, 3, 5].map((stream) => http2Frame(headers, endHeaders, stream, block)));
    expectAtEverySplit(thrice(sent), thrice(expected));
  });
});

describe('passes untouched', () => {
  const [block] = literal(0x41, hpackString(url));
  const endless = Buffer.from([0x41, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, ...Buffer.from('#/#/')]);
  test.each([
    ['what other frames carry', http2Frame(0, 0, 1, block)],
    ['a block without an :authority', http2Frame(headers, endHeaders, 1, Buffer.concat([before, after]))],
    [
      'a name that is a literal',
      http2Frame(headers, endHeaders, 1, Buffer.concat([Buffer.from([0]), hpackString(':authority'), hpackString(url)])),
    ],
    ['an indexed :authority', http2Frame(headers, endHeaders, 1, Buffer.from([0x81]))],
    [
      'more padding than payload',
      http2Frame(headers, endHeaders | padded, 1, Buffer.concat([Buffer.from([255]), block.subarray(-9)])),
    ],
    ['a priority that does not fit', http2Frame(headers, endHeaders | priority, 1, Buffer.from([0x41, 1, 0x23]))],
    ['what follows an endless integer', http2Frame(headers, endHeaders, 1, Buffer.concat([Buffer.from([0x7f]), endless, block]))],
  ])('%s', (_, bytes) => {
    expectAtEverySplit(bytes, bytes);
  });
});

// Only the first byte of a long length has a Huffman bit; the rest of it stays.
function inLettersAt(sent: Buffer, expected: Buffer): Buffer {
  const lengthAt = before.length + 1;
  return Buffer.concat([expected.subarray(0, lengthAt), sent.subarray(lengthAt, lengthAt + 3), expected.subarray(lengthAt + 3)]);
}
