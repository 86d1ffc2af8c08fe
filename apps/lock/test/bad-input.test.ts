import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from './fixtures/checked-fetch.ts';
import { sendRaw } from './fixtures/raw-http.ts';
import { openTestDoors, type TestDoors } from './fixtures/test-door.ts';

let doors: TestDoors;
let url = '';

beforeAll(async () => {
  doors = await openTestDoors(1, { requestArrivesMs: 300, maxBodyBytes: 1000 });
  [url = ''] = doors.urls;
});
afterAll(() => doors.close());

async function post(
  path: string,
  body: string | Uint8Array,
  type = 'application/json',
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}${path}`, { method: 'POST', body, headers: { 'content-type': type } });
  return { status: response.status, text: await response.text() };
}

describe('is answered with the right status', () => {
  test.each([
    ['no JSON', '{"ttlMs":', /E_JSON/u],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), /E_JSON/u],
    ['no object', '[]', /E_REQUEST_FORM: the body is \[\], allowed: an object/u],
    ['nothing', '', /E_JSON/u],
    ['a field missing', '{}', /ttlMs is missing/u],
    ['a field nobody knows', '{"ttlMs":1000,"tll":1}', /\\"tll\\" is no field, allowed: ttlMs, name, metadata/u],
    ['a field of a prototype', '{"ttlMs":1000,"__proto__":{"a":1}}', /\\"__proto__\\" is no field/u],
    ['a text for a number', '{"ttlMs":"1000"}', /ttlMs is \\"1000\\", allowed: an integer from 100 to 3600000/u],
    ['a fraction', '{"ttlMs":1000.5}', /ttlMs is 1000.5, allowed/u],
    ['out of bounds', '{"ttlMs":1}', /ttlMs is 1, allowed/u],
    ['a number for a text', '{"ttlMs":1000,"name":7}', /name is 7, allowed: a text/u],
  ])('400: a body with %s', async (_title, body, message) => {
    const answer = await post('/v1/sessions', body);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(message);
    expect(JSON.parse(answer.text)).toMatchObject({ outcome: 'not-applied' });
  });

  test.each([
    ['GET', '/v1/locks/%FF', 'name is no percent-encoded text'],
    ['GET', `/v1/locks/${'x'.repeat(513)}`, 'name has 513 characters, allowed: 1 to 512'],
    ['GET', '/v1/sessions/abc', 'session is "abc", allowed: an integer'],
    ['GET', '/v1/sessions/9007199254740993', 'session is 9007199254740992, allowed: an integer'],
    ['GET', '/v1/locks/a/check', 'token is missing in the query'],
    ['GET', '/v1/locks/a?limit=0', 'limit is 0, allowed: an integer from 1 to 1000'],
    ['GET', '/v1/locks/a?depth=1', '"depth" is no parameter, allowed: limit, consistency'],
    ['GET', '/v1/locks/a?consistency=strong', 'consistency is "strong", allowed: linearizable, serializable'],
    ['POST', '/v1/sessions/1/keepalive?x=1', '"x" is no parameter, allowed: none'],
  ])('400: %s %s', async (method, path, text) => {
    const answer = await ask(url, method, path);
    expect(answer.status).toBe(400);
    expect(answer.body['message']).toContain(text);
  });

  test('404 and 405: no such path, no such method', async () => {
    for (const path of ['/', '/v1', '/v1/locks/', '/v1/locks//acquire', '/v1/locks/a/steal', '/v2/locks']) {
      const response = await fetch(`${url}${path}`);
      expect([path, response.status, await response.json()]).toMatchObject([path, 404, { code: 'E_ROUTE' }]);
    }
    const response = await fetch(`${url}/v1/sessions/1`, { method: 'PUT', body: 'x' });
    expect(response.headers.get('allow')).toBe('GET, DELETE');
    expect([response.status, await response.json()]).toMatchObject([405, { code: 'E_METHOD' }]);
  });

  test('415: what a page of a foreign site could send without being asked', async () => {
    expect(await post('/v1/sessions', '{"ttlMs":1000}', 'text/plain')).toMatchObject({ status: 415 });
    expect(await post('/v1/sessions', '{"ttlMs":1000}', 'application/jsonx')).toMatchObject({ status: 415 });
    expect(await post('/v1/sessions', '{"ttlMs":1000}', 'application/json; charset=utf-8')).toMatchObject({ status: 201 });
  });

  test('413: a body that is too large, with and without its length', async () => {
    const large = JSON.stringify({ ttlMs: 1000, name: 'x'.repeat(2000) });
    expect(await post('/v1/sessions', large)).toMatchObject({ status: 413 });
    const head = 'POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
    const announced = await sendRaw(url, [`${head}Content-Length: 999999999\r\n\r\n`]);
    expect(announced).toMatch(/^HTTP\/1.1 413 [^]*Connection: close[^]*E_TOO_LARGE/u);
    const chunk = `${(500).toString(16)}\r\n${'x'.repeat(500)}\r\n`;
    const endless = await sendRaw(url, [`${head}Transfer-Encoding: chunked\r\n\r\n`, chunk.repeat(40)]);
    expect(endless).toMatch(/^HTTP\/1.1 413 [^]*Connection: close[^]*E_TOO_LARGE/u);
  });

  test('408: headers or a body that do not arrive', async () => {
    const began = performance.now();
    const slow = ['POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{'];
    const [body, headers] = await Promise.all([sendRaw(url, slow), sendRaw(url, ['GET /livez HTTP/1.1\r\nHost:'])]);
    expect(body).toMatch(/^HTTP\/1.1 408 [^]*E_SLOW/u);
    expect(headers).toMatch(/^HTTP\/1.1 408 [^]*E_SLOW/u);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('400 and 431: no HTTP, and headers without end', async () => {
    expect(await sendRaw(url, ['\u0016\u0003\u0001hello\r\n\r\n'])).toMatch(/^HTTP\/1.1 400 [^]*E_HTTP/u);
    expect(await sendRaw(url, [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`])).toMatch(
      /^HTTP\/1.1 431 [^]*E_TOO_LARGE/u,
    );
  });

  test('paths that do not exist share one series of metrics', () => {
    const ids = new Set(doors.doors[0]?.observed.map((line) => line.split(' ')[0]));
    expect([...ids].filter((id) => id === 'unknown' || id?.includes('/'))).toEqual(['unknown']);
  });
});
