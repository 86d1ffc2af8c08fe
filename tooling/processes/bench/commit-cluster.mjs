// A cluster of three member processes for the benchmarks, each with file storage, and one native client to it.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@quorate/client';
import { runtimeCodec } from '@quorate/codec-protobuf';
import { freePorts } from '@quorate/processes';
import { nodeHost } from '@quorate/server';
import { tcpTransport } from '@quorate/transport-tcp';

export const host = nodeHost();

/** Starts it, and waits for a leader. `transport`: how its members speak to each other, tcp or zeromq; its client comes over TCP. */
export async function startCommitCluster({ transport }) {
  const directory = mkdtempSync(join(tmpdir(), 'quorate-commit-bench-'));
  const ports = await freePorts(6);
  const names = ['n1', 'n2', 'n3'];
  const urls = Object.fromEntries(names.map((name, i) => [name, `tcp://127.0.0.1:${ports[i]}`]));
  const natives = names.map((_, i) => `tcp://127.0.0.1:${ports[3 + i]}`);
  const members = names.map((name, i) => startProcess({ name, members: urls, native: natives[i], directory, transport }));
  const end = () => {
    for (const { child } of members) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await all(members, 'open');
    const leader = await settledLeader(members);
    const client = createClient({ endpoints: natives, transport: tcpTransport({ listen: [] }), host, codec: runtimeCodec });
    const close = async () => {
      await client.close();
      await all(members, 'close');
    };
    return { members, leader, client, close, end };
  } catch (error) {
    end();
    throw error;
  }
}

/** A member process; `ask` resolves with what it answers. */
function startProcess(plan) {
  const child = fork(fileURLToPath(new URL('commit-member.mjs', import.meta.url)), [JSON.stringify(plan)]);
  const waiting = new Map();
  let lastId = 0;
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`${plan.name}: ${error}`));
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${plan.name} ended with code ${code}`));
  });
  const ask = (what, args = {}) =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      child.send({ id, what, ...args });
    });
  return { ask, child };
}

/** Asks every member the same. */
export const all = (members, what, args) => Promise.all(members.map((member) => member.ask(what, args)));

async function settledLeader(members) {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const place = (await all(members, 'state')).findIndex(({ settled }) => settled);
    if (place >= 0) return place;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no member settled as leader within 20 s');
}

/** Keeps `depth` commands of `bytes` in flight until the time is up. Resolves with the latencies of all that were answered. */
export function drive(client, { depth, durationMs, bytes }) {
  const command = new Uint8Array(bytes).fill(9);
  const times = [];
  const end = performance.now() + durationMs;
  return new Promise((resolve, reject) => {
    let open = 0;
    const submit = () => {
      const start = performance.now();
      open++;
      client.submit(command, host.monotonicMs() + 20_000, (error) => {
        open--;
        if (error !== undefined) return reject(error);
        const now = performance.now();
        times.push(now - start);
        if (now < end) submit();
        else if (open === 0) resolve(times);
      });
    };
    for (let i = 0; i < depth; i++) submit();
  });
}
