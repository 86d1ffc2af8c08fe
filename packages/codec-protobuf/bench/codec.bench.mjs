// Encoding and decoding of the hot heads, in nanoseconds each, beside JSON. Build first: it runs on dist. Trust the order, not the digits.
import { raftCodec, runtimeCodec } from '../dist/index.js';
import { createWriter, ProtobufReader, PutRequest, RangeResponse } from '../dist/etcd/index.js';

const append = {
  kind: 'append',
  term: 7,
  leader: 123_456_789_012,
  prevLogIndex: 1_234_567,
  prevLogTerm: 7,
  leaderCommit: 1_234_560,
  notice: false,
};
const response = {
  kind: 'append-response',
  term: 7,
  success: true,
  matchIndex: 1_234_567,
  rejectedIndex: 0,
  hintIndex: 0,
  hintTerm: 0,
};
const forward = { kind: 'forward', token: 12_345, lengths: Array.from({ length: 64 }, () => 256) };
const results = {
  kind: 'client-results',
  session: 99,
  numbers: Array.from({ length: 64 }, (_, i) => 1_000_000 + i),
  codes: Array.from({ length: 64 }, () => 0),
  lengths: Array.from({ length: 64 }, () => 24),
  leader: 1,
  of: 'commands',
};
const put = PutRequest.create({ key: Buffer.alloc(32, 1), value: Buffer.alloc(256, 2) });
const kv = { key: put.key, createRevision: 5, modRevision: 9_000_000, version: 3, value: put.value, lease: 0n };
const range = RangeResponse.create({ kvs: [kv], count: 1 });

const cases = [
  ['raft append', raftCodec, append],
  ['raft append-response', raftCodec, response],
  ['runtime forward of 64', runtimeCodec, forward],
  ['runtime results of 64', runtimeCodec, results],
  ['etcd PutRequest, 32 + 256 bytes', PutRequest, put],
  ['etcd RangeResponse, one key', RangeResponse, range],
];

console.log('message                            encode    decode   JSON out    JSON in   bytes');
for (const [name, codec, message] of cases) {
  const bytes = codec.encode(message);
  const plain = JSON.stringify(message, (_key, value) => (typeof value === 'bigint' ? Number(value) : value));
  const parsed = JSON.parse(plain);
  const cells = [
    name.padEnd(32),
    nanoseconds(() => codec.encode(message)),
    nanoseconds(() => codec.decode(bytes)),
    nanoseconds(() => JSON.stringify(parsed)),
    nanoseconds(() => JSON.parse(plain)),
    String(bytes.length).padStart(7),
  ];
  console.log(cells.join(' '));
}
const request = PutRequest.encode(put);
console.log(`PutRequest by hand${nanoseconds(() => handDecoded(request)).padStart(34)}`);
const writer = createWriter();
console.log(
  `PutResponse by hand${nanoseconds(() => writer.reset().uint32(10).fork().uint32(24).uint32(7).ldelim().finish()).padStart(22)}`,
);

/** How a door reads a put without objects: the fields it needs, and no more. */
function handDecoded(bytes) {
  const reader = new ProtobufReader(bytes);
  let sum = 0;
  while (reader.pos < reader.len) {
    switch (reader.tag()) {
      case 10:
      case 18: {
        const length = reader.size();
        sum += length;
        reader.skip(length);
        break;
      }
      default:
        return -1;
    }
  }
  return sum;
}

function nanoseconds(run) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const count = 60_000;
    const began = performance.now();
    for (let i = 0; i < count; i++) run();
    best = Math.min(best, ((performance.now() - began) * 1e6) / count);
  }
  return best.toFixed(0).padStart(9);
}
