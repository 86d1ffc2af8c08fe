import { request } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type MemberCluster, startCluster } from '@quorate/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../apps/kv/bin/quorate-kv.mjs', import.meta.url));
let cluster: MemberCluster;

beforeAll(async () => {
  cluster = await startCluster({ program, size: 3 });
  await cluster.untilHealthy();
}, 60_000);
afterAll(() => cluster.close());

/** A frame header as a peer would send it: magic, version, kind (hello), length, checksum. */
function header(length: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(0x7251, 0);
  bytes[2] = 1;
  bytes[3] = 4;
  bytes.writeUInt32LE(length >>> 0, 4);
  return bytes;
}

/** Sends bytes to a peer port and resolves when the member ended the connection. */
function untilHungUp(port: number, bytes: Uint8Array, oneByOne = false): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.once('connect', () => {
      if (!oneByOne) socket.write(bytes);
      else for (const byte of bytes) socket.write(Uint8Array.of(byte));
    });
    socket.resume();
    socket.on('error', () => undefined); // A reset is a way of hanging up; 'close' follows.
    socket.once('close', () => resolve());
    socket.setTimeout(15_000, () => reject(new Error('the member did not hang up')));
  });
}

function hungUpOnHttp(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = request({ host: '127.0.0.1', port, path: '/', timeout: 15_000 });
    query.once('response', () => reject(new Error('a peer port answered HTTP')));
    query.once('timeout', () => reject(new Error('the member did not hang up')));
    query.once('error', () => resolve());
    query.end();
  });
}

const rubbish: readonly (readonly [string, (port: number) => Promise<void>])[] = [
  ['an HTTP request', hungUpOnHttp],
  ['a TLS hello', (port) => untilHungUp(port, Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, 7))],
  [
    'random bytes',
    (port) =>
      untilHungUp(
        port,
        Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919 + 13) & 0xff),
      ),
  ],
  ['a frame of length 0', (port) => untilHungUp(port, header(0))],
  ['a frame of length 2^31', (port) => untilHungUp(port, header(2 ** 31))],
  [
    'a frame that is no hello, one byte at a time',
    (port) => untilHungUp(port, Buffer.concat([header(64), Buffer.alloc(64)]), true),
  ],
];

test.each(rubbish)('hangs up on %s at the peer port, and the cluster goes on committing', async (what, send) => {
  for (const member of cluster.plan.members) await send(member.peerPort);
  for (const [place, connection] of cluster.connections.entries()) {
    expect(await connection.put(`after ${what}`, String(place), 10_000)).toBeGreaterThan(1);
  }
  for (const member of cluster.processes) expect(member.hasEnded()).toBe(false);
});

test('says in the log what came to the peer port', async () => {
  const words = cluster.processes.map((member) => member.lastWords()).join('\n');
  expect(words).toContain('E_PROTO_MAGIC');
});
