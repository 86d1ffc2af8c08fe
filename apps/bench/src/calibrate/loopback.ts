import { startProgram } from '../measure/child-program.ts';
import type { Children, Closable } from '../measure/children.ts';
import { freePorts } from '../processes/free-ports.ts';
import type { LoopbackCalibration } from '../result/calibration.ts';
import { quantile } from '../statistics/median.ts';
import { bareSocket, dial, largeBytes } from './pipe.ts';
import type { Pipe } from './pipe.ts';

const smallBytes = 512;
/** Large frames on the way: enough that nobody waits for a round trip. */
const outstanding = 32;

interface Echo extends Closable {
  readonly port: number;
}

/** Measures round trips and bandwidth to another process by one transport. Rejects where this installation does not have it. */
export function loopback(kind: string, durationMs: number, children: Children): Promise<LoopbackCalibration> {
  return children.using(
    () => startEcho(kind),
    async ({ port }) => {
      let arrived: () => void = () => undefined;
      const pipe = await dial(kind, port, () => arrived());
      const onFrame = (run: () => void): void => {
        arrived = run;
      };
      try {
        const times = await roundTrips(pipe, onFrame, durationMs);
        const bytesPerSecond = await bandwidth(pipe, onFrame, durationMs);
        return {
          transport: kind === bareSocket ? 'tcp, bare socket' : kind,
          roundTripBytes: smallBytes,
          roundTripP50Ms: quantile(times, 0.5),
          roundTripP99Ms: quantile(times, 0.99),
          bytesPerSecond,
        };
      } finally {
        await pipe.close();
      }
    },
  );
}

async function startEcho(kind: string): Promise<Echo> {
  const [port = 0] = await freePorts(1);
  const echo = await startProgram('calibrate/echo-process', [kind, `${port}`]);
  return { port: (echo.hello as { readonly port: number }).port, close: () => echo.close() };
}

type OnFrame = (run: () => void) => void;

function roundTrips(pipe: Pipe, onFrame: OnFrame, durationMs: number): Promise<readonly number[]> {
  const times: number[] = [];
  const end = performance.now() + durationMs;
  return new Promise((resolve) => {
    let began = 0;
    const send = (): void => {
      began = performance.now();
      pipe.send(new Uint8Array(smallBytes).fill(7));
      pipe.flush();
    };
    onFrame(() => {
      const now = performance.now();
      times.push(now - began);
      if (now < end) send();
      else resolve(times);
    });
    send();
  });
}

function bandwidth(pipe: Pipe, onFrame: OnFrame, durationMs: number): Promise<number> {
  const began = performance.now();
  return new Promise((resolve) => {
    let acknowledged = 0;
    const send = (): void => pipe.send(new Uint8Array(largeBytes));
    onFrame(() => {
      acknowledged++;
      const elapsedMs = performance.now() - began;
      if (elapsedMs >= durationMs) return resolve((acknowledged * largeBytes * 1000) / elapsedMs);
      send();
      pipe.flush();
    });
    for (let i = 0; i < outstanding; i++) send();
    pipe.flush();
  });
}
