import { assert, bigInt, property, uint8Array } from 'fast-check';
import protobuf from 'protobufjs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  Compare,
  CompareTarget,
  createWriter,
  encodeWith,
  Event,
  EventType,
  KeyValue,
  LeaseGrantRequest,
  MemberListResponse,
  ProtobufReader,
  PutRequest,
  RangeRequest,
  RangeResponse,
  ResponseHeader,
  StatusResponse,
  TxnRequest,
  WatchCreateRequest,
  WatchFilter,
  WatchResponse,
  writeInt64,
  writeUint64,
  writeUint64Big,
} from '../src/etcd/index.ts';

const text = (bytes: string): Uint8Array => Uint8Array.from(Buffer.from(bytes));

// protobufjs' own reflection reads the same .proto file: a second implementation to agree with.
const root = protobuf.loadSync(fileURLToPath(new URL('../proto/etcd.proto', import.meta.url)));

function byReflection(name: string, bytes: Uint8Array): Record<string, unknown> {
  const type = root.lookupType(`etcdserverpb.${name}`);
  return type.toObject(type.decode(bytes), { longs: String, arrays: true });
}

describe('64-bit fields', () => {
  test('keep every id that a client may choose, as a bigint', () => {
    assert(
      property(bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), bigInt({ min: 0n, max: 2n ** 64n - 1n }), (lease, member) => {
        const put = PutRequest.create({ lease });
        expect(PutRequest.decode(PutRequest.encode(put))).toEqual(put);
        const header = ResponseHeader.create({ memberId: member });
        const bytes = ResponseHeader.encode(header);
        expect(ResponseHeader.decode(bytes)).toEqual(header);
        expect(byReflection('ResponseHeader', bytes)['memberId'] ?? '0').toBe(String(member));
      }),
      { numRuns: 300 },
    );
  });

  test('read a revision beyond 2^53 as a future one, and a negative one as negative', () => {
    const revisionOf = (value: bigint): number | undefined => {
      const writer = createWriter();
      writeUint64Big(writer.uint32(32), BigInt.asUintN(64, value));
      return RangeRequest.decode(writer.finish())?.revision;
    };
    expect(revisionOf(2n ** 63n - 1n)).toBe(2 ** 63);
    expect(revisionOf(2n ** 53n + 1n)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(revisionOf(-1n)).toBe(-1);
    expect(revisionOf(-(2n ** 63n))).toBe(-(2 ** 63));
    expect(revisionOf(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('are written as protobufjs writes them', () => {
    const values = [0, 1, 127, 128, 2 ** 28, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 35 + 5, 2 ** 49 + 3, Number.MAX_SAFE_INTEGER];
    for (const value of values) {
      const ours = createWriter();
      writeUint64(ours, value);
      expect([...ours.finish()]).toEqual([...createWriter().uint64(value).finish()]);
    }
    for (const value of [-1, -5, -(2 ** 33), Number.MIN_SAFE_INTEGER]) {
      const ours = createWriter();
      writeInt64(ours, value);
      expect([...ours.finish()]).toEqual([...createWriter().int64(value).finish()]);
    }
  });

  test('must be safe integers where nobody chooses them', () => {
    const writer = createWriter();
    writeUint64Big(writer.uint32(32), 2n ** 53n);
    expect(ResponseHeader.decode(writer.finish())).toBeUndefined();
  });
});

describe('messages', () => {
  const kv = KeyValue.create({
    key: text('__proto__'),
    value: text('v'),
    modRevision: 9,
    createRevision: 4,
    version: 3,
    lease: 2n ** 62n,
  });

  test('return as they were, nested and repeated', () => {
    const header = ResponseHeader.create({ clusterId: 2n ** 63n + 1n, memberId: 5n, revision: 77, raftTerm: 3 });
    const range = RangeResponse.create({ header, kvs: [kv, kv], more: true, count: 12 });
    expect(RangeResponse.decode(RangeResponse.encode(range))).toEqual(range);
    const event = Event.create({ type: EventType.DELETE, kv, prevKv: kv });
    const watch = WatchResponse.create({ header, watchId: -1, created: true, events: [event], cancelReason: 'é' });
    expect(WatchResponse.decode(WatchResponse.encode(watch))).toEqual(watch);
    const status = StatusResponse.create({ header, version: '3.5.0', errors: ['a', ''], dbSize: 2 ** 40, leader: 9n });
    expect(StatusResponse.decode(StatusResponse.encode(status))).toEqual(status);
  });

  test('are read by protobufjs itself', () => {
    const bytes = WatchCreateRequest.encode(
      WatchCreateRequest.create({ key: text('k'), filters: [WatchFilter.NODELETE, WatchFilter.NOPUT], startRevision: 2 ** 40 }),
    );
    const read = byReflection('WatchCreateRequest', bytes);
    expect(read).toMatchObject({ filters: [1, 0], startRevision: String(2 ** 40) });
    const members = { members: [{ ID: '9', name: 'n', peerURLs: ['p'], clientURLs: ['a', 'b'], isLearner: true }] };
    const type = root.lookupType('etcdserverpb.MemberListResponse');
    const decoded = MemberListResponse.decode(type.encode(type.fromObject(members)).finish());
    expect(decoded?.members).toEqual([{ ID: 9n, name: 'n', peerURLs: ['p'], clientURLs: ['a', 'b'], isLearner: true }]);
  });

  test('tell an absent member of a oneof from a default one, and let the last one win', () => {
    const compare = Compare.create({ target: CompareTarget.MOD_OF, key: text('k'), modRevision: 0 });
    expect(Compare.decode(Compare.encode(compare))).toEqual(compare);
    const bytes = Uint8Array.from([
      ...Compare.encode(Compare.create({ version: 4 })),
      ...Compare.encode(Compare.create({ value: text('x') })),
    ]);
    expect(Compare.decode(bytes)).toMatchObject({ version: undefined, value: text('x') });
  });

  test('read repeated numbers packed and one by one', () => {
    expect(WatchCreateRequest.decode(Uint8Array.of(42, 2, 0, 1))?.filters).toEqual([0, 1]);
    expect(WatchCreateRequest.decode(Uint8Array.of(40, 0, 40, 1))?.filters).toEqual([0, 1]);
  });

  test('hold views of the input, not copies', () => {
    const bytes = Uint8Array.from(PutRequest.encode(PutRequest.create({ key: text('abc') })));
    expect(PutRequest.decode(bytes)?.key.buffer).toBe(bytes.buffer);
  });
});

describe('malformed input', () => {
  test('never throws (B-06)', () => {
    assert(
      property(uint8Array({ maxLength: 100 }), (bytes) => {
        for (const type of [TxnRequest, RangeResponse, WatchResponse, StatusResponse, LeaseGrantRequest]) type.decode(bytes);
      }),
      { numRuns: 2_000 },
    );
    expect.assertions(0);
  });

  test('is refused where it is not UTF-8 (B-07)', () => {
    expect(StatusResponse.decode(Uint8Array.of(18, 1, 0xff))).toBeUndefined();
    expect(StatusResponse.decode(Uint8Array.of(18, 3, 0xed, 0xa0, 0x80))).toBeUndefined();
  });

  test('is refused where it nests too deep or repeats too often (B-07)', () => {
    const nestedTxn = (levels: number): Uint8Array => {
      let bytes = new Uint8Array(0);
      // A txn within an operation of a txn: fields 4 and 2, by turns.
      for (let level = 0; level < levels; level++)
        bytes = Uint8Array.from(
          createWriter()
            .uint32(level % 2 === 0 ? 34 : 18)
            .bytes(bytes)
            .finish(),
        );
      return bytes;
    };
    expect(TxnRequest.decode(nestedTxn(32))).toBeDefined();
    expect(TxnRequest.decode(nestedTxn(34))).toBeUndefined();
    expect(TxnRequest.decode(nestedTxn(10_000))).toBeUndefined();
    const empties = new Uint8Array(2_000_000);
    for (let i = 0; i < empties.length; i += 2) empties[i] = 10;
    expect(TxnRequest.decode(empties)).toBeUndefined();
    const few = empties.subarray(0, 2 * 65_536);
    expect(TxnRequest.decode(few)?.compare).toHaveLength(65_536);
    expect(TxnRequest.decode(few, { depth: 32, items: 65_535 })).toBeUndefined();
  });
});

test('a throw while encoding does not spoil the next message', () => {
  const good = PutRequest.encode(PutRequest.create({ key: text('k') }));
  expect(() =>
    encodeWith((_message, writer) => {
      writer.uint32(10).fork().uint32(1);
      throw new Error('a bug');
    }, undefined),
  ).toThrow('a bug');
  expect(Uint8Array.from(PutRequest.encode(PutRequest.create({ key: text('k') })))).toEqual(Uint8Array.from(good));
});

test('a door may read and write by hand, without objects', () => {
  const bytes = PutRequest.encode(PutRequest.create({ key: text('key'), value: new Uint8Array(50_000), lease: 7n }));
  const reader = new ProtobufReader(bytes);
  const seen: [tag: number, size: number][] = [];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 24) seen.push([tag, Number(reader.int64BigValue())]);
    else seen.push([tag, reader.bytes().length]);
  }
  expect(seen).toEqual([
    [10, 3],
    [18, 50_000],
    [24, 7],
  ]);
});
