import { parseArgs } from 'node:util';
import { type MemberCluster, startCluster } from '@quorate/processes';
import { longestGap } from './gap.ts';
import { createProgressBar } from './progress-bar.ts';
import { verifyEverywhere } from './verify.ts';
import { startWorkload, type Workload } from './workload.ts';

const help = `npm run demo -- [options]

Starts three quorate-kv processes on loopback (TCP between them, file storage), drives a mixed load through
the etcd door, kills the leader with SIGKILL, restarts it, and proves that every acknowledged write is there.

  --seconds N      length of the load, 6 … 600            (12)
  --workers N      operations in flight, 1 … 512          (48)
  --protocol P     consensus protocol of the members      (raft)
  --keep           keep data and logs, and say where
  --help           this text
`;

interface DemoOptions {
  readonly seconds: number;
  readonly workers: number;
  readonly protocol: string;
  readonly keep: boolean;
}

const memberCount = 3;

/** Runs the demonstration and returns the exit code: 0, or 1 with a text of what broke. */
export async function runDemo(program: string, args: readonly string[]): Promise<number> {
  const options = demoOptions(args);
  if (typeof options === 'number') return options;
  const cluster = await startCluster({ program, size: memberCount, protocol: options.protocol });
  const interrupted = new Promise<never>((_, reject) => {
    process.once('SIGINT', () => reject(new Error('interrupted')));
    process.once('SIGTERM', () => reject(new Error('terminated')));
  });
  try {
    return await Promise.race([play(cluster, options), interrupted]);
  } catch (error) {
    process.stdout.write(`\nFAILED: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await cluster.close({ keep: options.keep });
    if (options.keep) process.stdout.write(`Data and logs are in ${cluster.directory}\n`);
  }
}

function demoOptions(args: readonly string[]): DemoOptions | number {
  const usage = (text: string): number => {
    process.stderr.write(`E_USAGE: ${text}. Run with --help to see the options.\n`);
    return 64;
  };
  let values;
  try {
    const options = { seconds: { type: 'string' }, workers: { type: 'string' }, protocol: { type: 'string' } } as const;
    const flags = { keep: { type: 'boolean' }, help: { type: 'boolean' } } as const;
    values = parseArgs({ args: [...args], options: { ...options, ...flags }, strict: true }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const seconds = Number(values.seconds ?? 12);
  const workers = Number(values.workers ?? 48);
  if (!(seconds >= 6 && seconds <= 600)) return usage(`--seconds is ${values.seconds}, allowed are 6 to 600`);
  if (!(Number.isInteger(workers) && workers >= 1 && workers <= 512))
    return usage(`--workers is ${values.workers}, allowed are 1 to 512`);
  return { seconds, workers, protocol: values.protocol ?? 'raft', keep: values.keep === true };
}

async function play(cluster: MemberCluster, options: DemoOptions): Promise<number> {
  const bar = createProgressBar(process.stdout);
  const where = cluster.plan.members.map(({ name, clientPort }) => `${name} http://127.0.0.1:${clientPort}`).join('  ');
  process.stdout.write(`Three quorate-kv processes, ${options.protocol} over TCP with file storage:\n  ${where}\n`);
  await cluster.untilHealthy();
  const victim = await cluster.leaderPlace();
  const victimName = cluster.plan.members[victim]?.name ?? '';
  process.stdout.write(
    `All healthy, ${victimName} leads. Load: ${options.workers} operations in flight for ${options.seconds} s.\n\n`,
  );

  const workload = startWorkload(cluster.connections, options.workers);
  const startMs = performance.now();
  const phase = async (until: number, text: string): Promise<void> => {
    const end = startMs + until * options.seconds * 1000;
    for (let now = performance.now(); now < end; now = performance.now()) {
      const done = workload.counts.acknowledged + workload.counts.reads;
      bar.update(
        (now - startMs) / (options.seconds * 1000),
        `${text} · ${done} operations · ${workload.counts.unknown} of unknown outcome`,
      );
      await new Promise((resolve) => setTimeout(resolve, Math.min(200, end - now)));
    }
  };
  await phase(1 / 3, 'all three up');
  await cluster.end(victim, 'SIGKILL');
  const killedMs = performance.now();
  bar.note(`  SIGKILL to the leader ${victimName}`);
  await phase(2 / 3, `${victimName} is dead`);
  bar.note(`  restarting ${victimName}`);
  await Promise.all([cluster.restart(victim), phase(1, `${victimName} is back`)]);
  await workload.stop();
  const elapsedMs = performance.now() - startMs;
  bar.note('  load ended; reading every key back from every member');
  const problems = [...workload.violations, ...(await verifyEverywhere(cluster.connections, workload.keys, bar))];
  bar.done();
  report(workload, { elapsedMs, killedMs, problems });
  return problems.length === 0 ? 0 : 1;
}

interface Result {
  readonly elapsedMs: number;
  readonly killedMs: number;
  readonly problems: readonly string[];
}

function report(workload: Workload, { elapsedMs, killedMs, problems }: Result): void {
  const { counts, keys } = workload;
  const latency = workload.latency();
  const gap = longestGap(workload.completionsMs, killedMs);
  const perSecond = Math.round((latency.count / elapsedMs) * 1000);
  const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
  process.stdout.write(`
  throughput   ${perSecond} operations per second (${counts.acknowledged} writes, ${counts.reads} linearizable reads, closed loop)
  latency      p50 ${ms(latency.p50Ms)} · p90 ${ms(latency.p90Ms)} · p99 ${ms(latency.p99Ms)} · max ${ms(latency.maxMs)}
  gap          ${ms(gap.lengthMs)} without a success after the leader was killed
  outcomes     ${counts.refused} refused, ${counts.unknown} unknown (either is allowed while a member is dead)
  verified     ${keys.length} keys on each of ${memberCount} members
`);
  if (problems.length === 0) {
    process.stdout.write('\nEvery acknowledged write is there, on every member.\n');
    return;
  }
  process.stdout.write(`\nBROKEN: ${problems.length} findings\n${problems.slice(0, 20).join('\n')}\n`);
}
