import { dial } from '../calibrate/pipe.ts';
import { encodeHeartbeat, HeartbeatSchedule } from './heartbeat.ts';
import { machineClock } from './machine-clock.ts';

/** Sends heartbeats at all intervals to whoever listens at a port, until it is ended. */
const [, , kind = '', port = '0', intervals = ''] = process.argv;

const pipe = await dial(kind, Number(port), () => undefined);
for (const [place, text] of intervals.split(',').entries()) beatEvery(Number(text), place);
process.on('disconnect', () => process.exit());
process.send?.({});

function beatEvery(intervalMs: number, place: number): void {
  // Senders have no common phase, as processes that started by themselves.
  const schedule = new HeartbeatSchedule(machineClock() + Math.random() * intervalMs, intervalMs);
  const beat = (): void => {
    const sentMs = machineClock();
    pipe.send(encodeHeartbeat({ place, sequence: schedule.take(sentMs), sentMs }));
    pipe.flush();
    setTimeout(beat, schedule.dueMs - machineClock());
  };
  setTimeout(beat, schedule.dueMs - machineClock());
}
