import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

/** Where one member listens and keeps its data. */
export interface MemberPlan {
  readonly name: string;
  readonly clientPort: number;
  readonly peerPort: number;
  /** Of the native client's door; undefined: it has none. */
  readonly nativePort: number | undefined;
  /** Of the door for ZooKeeper's clients; only members of the lock service have one. */
  readonly zooKeeperPort: number | undefined;
  readonly directory: string;
}

/** How to start a member of a cluster. */
export interface ClusterPlan {
  /** Path of `quorate-kv.mjs` or `quorate-lock.mjs`. */
  readonly program: string;
  readonly members: readonly MemberPlan[];
  readonly protocol: string;
  readonly transport: string;
  readonly storage: string;
  readonly extraFlags: readonly string[];
}

/** One member as a real process. It is ended by its own process id, never by name. */
export interface MemberProcess {
  readonly plan: MemberPlan;
  readonly pid: number;
  /** The exit code or signal, once it ended. */
  readonly ended: Promise<string>;
  /** Resolves when the member says that it can serve; rejects with its last words where it ends first. */
  untilHealthy(timeoutMs: number): Promise<void>;
  hasEnded(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** The end of its log, for error texts. */
  lastWords(): string;
}

const keptLogBytes = 8_000;
const pollMs = 25;

/** Starts one member; its log goes to `member.log` in its directory's parent. */
export function startMember(cluster: ClusterPlan, plan: MemberPlan): MemberProcess {
  const child = spawn(process.execPath, [cluster.program, ...memberFlags(cluster, plan)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(plan.directory, '..', `${plan.name}.log`), { flags: 'a' });
  let tail = '';
  const keep = (chunk: Buffer): void => {
    log.write(chunk);
    tail = (tail + chunk.toString('utf8')).slice(-keptLogBytes);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not start: ${error.message}`));
    child.once('close', (code, signal) => {
      log.end();
      resolve(signal ?? `exit code ${code}`);
    });
  });
  return {
    plan,
    pid: child.pid ?? 0,
    ended,
    untilHealthy: (timeoutMs) => untilHealthy(child, plan, { timeoutMs, ended, lastWords: () => tail }),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    kill: (signal) => void child.kill(signal),
    lastWords: () => tail.trimEnd(),
  };
}

function memberFlags(cluster: ClusterPlan, plan: MemberPlan): string[] {
  const initial = cluster.members.map(({ name, peerPort }) => `${name}=tcp://127.0.0.1:${peerPort}`).join(',');
  const client = `http://127.0.0.1:${plan.clientPort}`;
  const doors =
    plan.zooKeeperPort === undefined
      ? { 'listen-client-urls': client, 'advertise-client-urls': client }
      : { 'listen-client-urls': `zk://127.0.0.1:${plan.zooKeeperPort}`, 'listen-api-urls': client };
  const flags = {
    name: plan.name,
    'data-dir': plan.directory,
    protocol: cluster.protocol,
    transport: cluster.transport,
    storage: cluster.storage,
    ...doors,
    'listen-peer-urls': `tcp://127.0.0.1:${plan.peerPort}`,
    'initial-cluster': initial,
    ...(plan.nativePort === undefined ? {} : { 'listen-native-urls': `tcp://127.0.0.1:${plan.nativePort}` }),
  };
  return [...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]), ...cluster.extraFlags];
}

interface HealthWait {
  readonly timeoutMs: number;
  readonly ended: Promise<string>;
  readonly lastWords: () => string;
}

async function untilHealthy(child: ChildProcess, plan: MemberPlan, wait: HealthWait): Promise<void> {
  const deadline = performance.now() + wait.timeoutMs;
  for (;;) {
    if (await isHealthy(plan.clientPort)) return;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${plan.name} ended (${await wait.ended}) before it was healthy:\n${wait.lastWords()}`);
    }
    if (performance.now() > deadline) {
      throw new Error(`${plan.name} was not healthy after ${wait.timeoutMs} ms:\n${wait.lastWords()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const query = request({ host: '127.0.0.1', port, path: '/health', agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    query.once('timeout', () => query.destroy());
    query.once('error', () => resolve(false));
    query.end();
  });
}
