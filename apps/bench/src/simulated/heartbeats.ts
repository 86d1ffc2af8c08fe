import type { ArrivalTrace, TraceRecorder } from '@quorate/failure-detector';
import { traceRecorder } from '@quorate/failure-detector';
import { at } from '@quorate/interface';
import type { MemberId, Transport, TransportHandlers } from '@quorate/interface';
import { createChance } from '@quorate/simulator';
import type { Chance, Scene } from '@quorate/simulator';
import { heartbeatIntervalsMs } from '../detectors/detector-study.ts';
import { decodeHeartbeat, encodeHeartbeat, HeartbeatSchedule } from '../detectors/heartbeat.ts';
import { fiveRegions } from './regions.ts';
import { runTrial } from './trial.ts';
import type { Trial } from './trial.ts';
import { plainVariants } from './variants.ts';

/** How heartbeats travel, and what senders do between them. */
export interface HeartbeatNetwork {
  readonly name: string;
  readonly trial: Partial<Pick<Trial, 'delayMs' | 'jitterMs' | 'loss' | 'delivery'>>;
  /** The watching process is in the first of them, and a sender in each other one. */
  readonly roundTripsMs?: readonly (readonly number[])[];
  /** Senders stand still: once in so many milliseconds on average, for a time between two. */
  readonly pauses?: { readonly everyMs: number; readonly leastMs: number; readonly mostMs: number };
}

const site = { delayMs: 0.5, jitterMs: 0.2 } as const;

/** From what is easy for a detector to what is not. */
export const heartbeatNetworks: readonly HeartbeatNetwork[] = [
  { name: 'one site', trial: site },
  { name: 'jitter of 20 ms', trial: { delayMs: 5, jitterMs: 20 } },
  { name: 'datagrams, 1 % lost', trial: { ...site, delivery: 'datagram', loss: 0.01 } },
  { name: 'senders that pause', trial: site, pauses: { everyMs: 20_000, leastMs: 50, mostMs: 1000 } },
  { name: 'five regions', trial: { delayMs: 0, jitterMs: 2 }, roundTripsMs: fiveRegions.roundTripsMs },
];

/** Processes that are watched. */
export const heartbeatSenders = 4;

/** Machine 1 is a member, alone in its cluster, which a simulation needs; heartbeats are between the others. */
const watcher = 2;
const firstSender = watcher + 1;
/** Links are up long before. */
const fromMs = 5000;

/** Records heartbeats over a network of the simulator, at all intervals at once: a trace for each. */
export function recordHeartbeats(network: HeartbeatNetwork, seconds: number, seed: number): readonly ArrivalTrace[] {
  const untilMs = fromMs + seconds * 1000;
  let traces: readonly ArrivalTrace[] = [];
  const script = (scene: Scene): void => {
    const recorders = heartbeatIntervalsMs.map((intervalMs) => traceRecorder({ intervalMs, fromMs }));
    startWatcher(scene, recorders);
    for (let sender = 0; sender < heartbeatSenders; sender++) startSender(scene, firstSender + sender, network);
    scene.world.time.at(untilMs, () => (traces = recorders.map((recorder) => recorder.trace(untilMs))));
  };
  runTrial({
    variant: at(plainVariants, 0),
    voters: 1,
    seed,
    electionTimeoutMs: 1000,
    heartbeatMs: 100,
    delayMs: 0,
    ...network.trial,
    ...(network.roundTripsMs && { distancesMs: distancesOf(network.roundTripsMs) }),
    lengthMs: untilMs + 1,
    script,
    observer: {},
  });
  return traces;
}

/** One way, by machine: the member is next to everybody. */
function distancesOf(roundTripsMs: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return [[0, ...roundTripsMs.map(() => 0)], ...roundTripsMs.map((row) => [0, ...row.map((ms) => ms / 2)])];
}

const watcherUrl = 'sim://watcher';

function startWatcher({ world }: Scene, recorders: readonly TraceRecorder[]): void {
  const { process } = world.client();
  const transport = world.network.transport(process, watcher, watcherUrl);
  const peers = new Map<number, MemberId>();
  start(transport, watcher, {
    linkUp: (peer, link) => void peers.set(link, peer),
    frame: (link, frame) => {
      const { place, sequence, sentMs } = decodeHeartbeat(frame);
      const arrivedMs = world.time.nowMs;
      if (arrivedMs >= fromMs) at(recorders, place).heartbeat(`sender ${peers.get(link)}`, { sequence, sentMs, arrivedMs });
    },
  });
}

function startSender({ world, plan }: Scene, machine: number, { pauses }: HeartbeatNetwork): void {
  const { process } = world.client();
  const { time } = world;
  const chance: Chance = createChance(plan.seed);
  const transport = world.network.transport(process, machine, undefined);
  let link = 0;
  start(transport, machine, { linkUp: (_peer, opened) => (link = opened) });
  transport.setPeers([{ id: watcher, urls: [watcherUrl] }]);
  for (const [place, intervalMs] of heartbeatIntervalsMs.entries()) {
    const schedule = new HeartbeatSchedule(chance.draw(draws.phase, machine, place) * intervalMs, intervalMs);
    const beat = (): void => {
      const sentMs = time.nowMs;
      transport.send(link, 'control', [encodeHeartbeat({ place, sequence: schedule.take(sentMs), sentMs })]);
      transport.flush();
      next();
    };
    const next = (): void => void time.at(schedule.dueMs, () => process.input(beat));
    next();
  }
  if (pauses === undefined) return;
  const luck = chance.stream(draws.pause, machine);
  const pause = (): void => {
    const endMs = time.nowMs + pauses.leastMs + luck() * (pauses.mostMs - pauses.leastMs);
    process.hold(endMs);
    time.at(endMs + luck() * 2 * pauses.everyMs, pause);
  };
  time.at(fromMs + luck() * 2 * pauses.everyMs, pause);
}

/** Kinds of draws of this file. */
const draws = { phase: 1, pause: 2 } as const;

/** A transport that lets everybody in who says its number. */
function start(transport: Transport, self: number, handlers: Partial<TransportHandlers>): void {
  const nothing = (): void => undefined;
  transport.start(
    {
      hello: Uint8Array.of(self),
      self,
      admit: ([peer = 0]) => ({ peer, kind: 'member', incarnation: 1 }),
      linkUp: nothing,
      linkDown: nothing,
      frame: nothing,
      drained: nothing,
      trouble: nothing,
      ...handlers,
    },
    (failure) => {
      if (failure !== undefined) throw new Error(`${failure.code}: ${failure.text}`);
    },
  );
}
