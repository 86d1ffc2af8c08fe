import { request } from 'node:http';
import { connect } from 'node:net';
import { ConsensusError } from '@quorate/interface';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestDoor, type TestDoor } from './fixtures/test-door.ts';

let door: TestDoor;

beforeEach(async () => {
  door = await openTestDoor();
});

afterEach(async () => {
  await door.door.close(performance.now() + 200);
});

interface Page {
  readonly status: number;
  readonly body: string;
}

function fetchPage(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Page> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {} } = options;
    const outgoing = request(`http://${door.endpoint}${path}`, { method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        body += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

/** Sends raw bytes and returns what came back until the other end closed. */
function raw(pieces: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const [host, port] = door.endpoint.split(':');
    const socket = connect(Number(port), host);
    let seen = '';
    socket.on('data', (piece) => {
      seen += piece.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(seen));
    for (const piece of pieces) socket.write(piece, 'latin1');
  });
}

function letters(text: string): string[] {
  return Array.from(text);
}

describe('HTTP/1.1 on the same port', () => {
  test('/version has no suffixes, and takes the body that Patroni sends', async () => {
    const page = await fetchPage('/version', { body: '{}', headers: { 'content-length': '2' } });
    expect(page).toEqual({ status: 200, body: '{"etcdserver":"3.5.17","etcdcluster":"3.5.0"}' });
  });

  test('/health is 200 with a leader and 503 with a reason without', async () => {
    expect(await fetchPage('/health')).toEqual({ status: 200, body: '{"health":"true","reason":""}' });
    door.replica.leading = false;
    expect(await fetchPage('/health')).toEqual({ status: 503, body: '{"health":"false","reason":"RAFT NO LEADER"}' });
  });

  test('/health?serializable=true needs no leader, but a member that answers', async () => {
    door.replica.leading = false;
    expect(await fetchPage('/health?serializable=true')).toEqual({ status: 200, body: '{"health":"true","reason":""}' });
    door.replica.failure = new ConsensusError('E_STOPPED', 'this member stops', 'not-applied');
    const failed = await fetchPage('/health?serializable=true');
    expect(failed).toEqual({ status: 503, body: '{"health":"false","reason":"RANGE ERROR:E_STOPPED: this member stops"}' });
  });

  test('/metrics is Prometheus text', async () => {
    expect(await fetchPage('/metrics')).toEqual({ status: 200, body: '# TYPE quorate_test gauge\nquorate_test 1\n' });
  });

  test('anything else is 404, other methods are 405', async () => {
    expect(await fetchPage('/nope?x')).toEqual({ status: 404, body: '404 page not found\n' });
    expect((await fetchPage('/__proto__')).status).toBe(404);
    for (const method of ['PUT', 'HEAD', 'DELETE']) expect((await fetchPage('/health', { method })).status).toBe(405);
  });

  test('an oversized path or ten thousand headers are a client’s error (B-36)', async () => {
    expect((await fetchPage(`/${'x'.repeat(20_000)}`)).status).toBe(431);
    const headers = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x-${i}`, '1']));
    expect((await fetchPage('/version', { headers })).status).toBe(431);
    expect((await fetchPage('/version')).status).toBe(200);
  });
});

describe('the first bytes of a connection', () => {
  test('come one at a time', async () => {
    const answer = await raw(letters('GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
    // "PUT" begins like HTTP/2's preface.
    expect(await raw(letters('PUT /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'))).toMatch(/^HTTP\/1\.1 405/);
  });

  test('are noise, a TLS hello or half a preface: the connection ends and others go on', async () => {
    expect(await raw(['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'])).toMatch(/^HTTP\/1\.1 400/);
    expect(await raw(['PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n' + '\xff'.repeat(64)])).not.toMatch(/HTTP\/1/);
    expect((await fetchPage('/version')).status).toBe(200);
  });
});
