import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEtcd } from './etcd-connection.ts';
import { freePorts } from './free-ports.ts';

/** A stock etcd of one member on loopback: what answers are compared with. */
export interface EtcdServer {
  /** The client URL. */
  readonly endpoint: string;
  /** Ends it by its own process id and removes its data. */
  close(): Promise<void>;
}

const startWithinMs = 30_000;
const pollMs = 50;

/** Starts etcd with a temporary data directory, and resolves once it answers. Rejects with its last words where it does not. */
export async function startEtcd(): Promise<EtcdServer> {
  const directory = await mkdtemp(join(tmpdir(), 'quorate-etcd-'));
  const [clientPort, peerPort] = await freePorts(2);
  const endpoint = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const flags = {
    name: 'n1',
    'data-dir': join(directory, 'data'),
    'listen-client-urls': endpoint,
    'advertise-client-urls': endpoint,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `n1=${peer}`,
  };
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn('etcd', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => (lastWords = (lastWords + chunk.toString('utf8')).slice(-4096)));
  let over: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => (over = error.message));
    child.once('close', (code, signal) => {
      over ??= signal ?? `exit code ${code}`;
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilItAnswers(endpoint, () => over);
    return { endpoint, close };
  } catch (error) {
    await close();
    throw new Error(`etcd does not answer (${over ?? 'it runs'}): ${lastWords}`, { cause: error });
  }
}

async function untilItAnswers(endpoint: string, over: () => string | undefined): Promise<void> {
  const connection = connectEtcd(endpoint);
  const deadline = performance.now() + startWithinMs;
  try {
    for (;;) {
      try {
        await connection.get('started', { serializable: false, timeoutMs: 1_000 });
        return;
      } catch (error) {
        if (over() !== undefined || performance.now() >= deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    }
  } finally {
    connection.close();
  }
}
