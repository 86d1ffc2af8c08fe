import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEtcd } from './etcd-connection.ts';
import { freePorts } from './free-ports.ts';

/** A stock etcd on loopback: what ours is compared with. */
export interface EtcdServer {
  /** The client URL of the first member, and those of all. */
  readonly endpoint: string;
  readonly endpoints: readonly string[];
  /** One process for each endpoint. */
  readonly pids: readonly number[];
  /** Ends all members by their own process ids and removes their data. */
  close(): Promise<void>;
}

/** What to start. */
export interface EtcdOptions {
  /** Members; default 1. */
  readonly size?: number;
  /** Where the temporary folder is made; by default in the system's. */
  readonly parent?: string;
}

const startWithinMs = 30_000;
const pollMs = 50;

interface Place {
  readonly name: string;
  readonly client: string;
  readonly peer: string;
}

/** One process of etcd. */
interface EtcdProcess {
  readonly place: Place;
  readonly pid: number;
  readonly ended: Promise<void>;
  /** How it ended; undefined while it runs. */
  readonly over: () => string | undefined;
  readonly lastWords: () => string;
  readonly kill: () => void;
}

/** Starts etcd with a temporary data directory, and resolves once it answers. Rejects with its last words where it does not. */
export async function startEtcd({ size = 1, parent = tmpdir() }: EtcdOptions = {}): Promise<EtcdServer> {
  const directory = await mkdtemp(join(parent, 'quorate-etcd-'));
  const ports = await freePorts(size * 2);
  const places = Array.from({ length: size }, (_, place) => ({
    name: `n${place + 1}`,
    client: `http://127.0.0.1:${ports[place * 2]}`,
    peer: `http://127.0.0.1:${ports[place * 2 + 1]}`,
  }));
  const members = places.map((place) => startOne(place, places, directory));
  const close = async (): Promise<void> => {
    for (const member of members) member.kill();
    await Promise.all(members.map(({ ended }) => ended));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(members.map(untilItAnswers));
  } catch (error) {
    await close();
    throw error;
  }
  const endpoints = places.map(({ client }) => client);
  return { endpoint: endpoints[0] ?? '', endpoints, pids: members.map(({ pid }) => pid), close };
}

function startOne(place: Place, all: readonly Place[], directory: string): EtcdProcess {
  const flags = {
    name: place.name,
    'data-dir': join(directory, place.name),
    'listen-client-urls': place.client,
    'advertise-client-urls': place.client,
    'listen-peer-urls': place.peer,
    'initial-advertise-peer-urls': place.peer,
    'initial-cluster': all.map(({ name, peer }) => `${name}=${peer}`).join(','),
  };
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn('etcd', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => (lastWords = (lastWords + chunk.toString('utf8')).slice(-4096)));
  let over: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      over = error.message;
      resolve();
    });
    child.once('close', (code, signal) => {
      over ??= signal ?? `exit code ${code}`;
      resolve();
    });
  });
  return {
    place,
    pid: child.pid ?? 0,
    ended,
    over: () => over,
    lastWords: () => lastWords,
    kill: () => void child.kill('SIGKILL'),
  };
}

async function untilItAnswers({ place, over, lastWords }: EtcdProcess): Promise<void> {
  const connection = connectEtcd(place.client);
  const deadline = performance.now() + startWithinMs;
  try {
    for (;;) {
      try {
        await connection.get('started', { serializable: false, timeoutMs: 1_000 });
        return;
      } catch (error) {
        if (over() !== undefined || performance.now() >= deadline)
          throw new Error(`etcd does not answer (${over() ?? 'it runs'}): ${lastWords()}`, { cause: error });
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    }
  } finally {
    connection.close();
  }
}
