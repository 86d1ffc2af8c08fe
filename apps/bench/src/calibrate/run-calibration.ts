import type { BenchRun } from '../measure/bench-run.ts';
import { Interrupted } from '../measure/children.ts';
import type { Calibration, LoopbackCalibration, SyncCalibration } from '../result/calibration.ts';
import { codecSpeeds } from './codec-speed.ts';
import { loopback } from './loopback.ts';
import { bareSocket } from './pipe.ts';
import { syncTimes } from './sync-times.ts';

const segments = ['fresh', 'recycled'] as const;
const syncBytes = [512, 4096, 65_536] as const;

/** Measures what the machine itself can do. Everything takes about `durationMs` for each figure, and nothing else runs meanwhile. */
export async function runCalibration(
  run: BenchRun,
  { durationMs, transports }: { readonly durationMs: number; readonly transports: readonly string[] },
): Promise<Calibration> {
  const { progress } = run;
  const kinds = [bareSocket, ...transports];
  progress.expect(segments.length * syncBytes.length + 2, durationMs / 1000);
  progress.expect(kinds.length, (2 * durationMs) / 1000);
  const sync: SyncCalibration[] = [];
  for (const bytes of syncBytes) {
    for (const segment of segments) {
      await step(run, `calibrating: syncs of ${bytes} bytes on ${segment} space`);
      sync.push(syncTimes(run.directory, { segment, bytes, durationMs }));
      progress.done();
    }
  }
  const links: LoopbackCalibration[] = [];
  for (const kind of kinds) {
    await step(run, `calibrating: loopback, ${kind}`);
    try {
      links.push(await loopback(kind, durationMs, run.children));
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      run.notMeasured.push({ what: `loopback over ${kind}`, why: error instanceof Error ? error.message : String(error) });
    }
    progress.done();
  }
  await step(run, 'calibrating: codec');
  const codec = codecSpeeds(durationMs / 6);
  progress.done();
  await step(run, 'calibrating: event loop');
  const eventLoopTurnUs = await turnUs(durationMs);
  progress.done();
  return { sync, loopback: links, codec, eventLoopTurnUs };
}

/** Most of this blocks the event loop: a signal is looked at in between. */
async function step({ progress, children }: BenchRun, text: string): Promise<void> {
  progress.begin(text);
  await new Promise((resolve) => setImmediate(resolve));
  if (children.interrupted) throw new Interrupted('the command was ended by its user');
}

function turnUs(durationMs: number): Promise<number> {
  const began = performance.now();
  let turns = 0;
  return new Promise((resolve) => {
    const turn = (): void => {
      turns++;
      const elapsedMs = performance.now() - began;
      if (elapsedMs < durationMs) setImmediate(turn);
      else resolve((elapsedMs * 1000) / turns);
    };
    turn();
  });
}
