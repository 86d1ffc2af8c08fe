import { stallMeter, traceRecorder } from '@quorate/failure-detector';
import type { TraceRecorder } from '@quorate/failure-detector';
import { listen } from '../calibrate/pipe.ts';
import { decodeHeartbeat } from './heartbeat.ts';
import { machineClock } from './machine-clock.ts';

/** Hears senders, one at each port, and writes down what it heard: from the first message of its parent until the second, which it answers. */
const [, , kind = '', ports = '', intervals = ''] = process.argv;
const tickMs = 10;

let recorders: readonly TraceRecorder[] = [];
const meter = stallMeter({ tickMs, toleranceMs: tickMs });

for (const [place, port] of ports.split(',').entries())
  await listen(kind, Number(port), (frame) => hear(`sender ${place + 1}`, frame));
setInterval(tick, tickMs);
process.on('disconnect', () => process.exit());
process.on('message', () => {
  const nowMs = machineClock();
  if (recorders.length > 0) process.send?.(recorders.map((recorder) => recorder.trace(nowMs)));
  recorders = intervals.split(',').map((text) => traceRecorder({ intervalMs: Number(text), fromMs: nowMs }));
});
process.send?.({});

function hear(peer: string, frame: Uint8Array): void {
  // A stall ends before anything that waited for its end.
  tick();
  const { place, sequence, sentMs } = decodeHeartbeat(frame);
  recorders[place]?.heartbeat(peer, { sequence, sentMs, arrivedMs: machineClock() });
}

function tick(): void {
  const stall = meter.tick(machineClock());
  if (stall !== undefined) for (const recorder of recorders) recorder.stalled(stall.fromMs, stall.untilMs);
}
