import type { Arrival, ArrivalTrace, PeerTrace } from './arrival-trace.ts';
import { logarithm } from './logarithm.ts';
import { checkOptions, timeRange } from './option-checks.ts';
import type { Pauses, Scenario } from './scenarios.ts';
import type { Stall } from './stall-meter.ts';

/** How much of a scenario is played. */
export interface TraceSize {
  /** η, how often peers send. */
  readonly intervalMs: number;
  readonly peers: number;
  /** Every peer crashes at a random moment of the interval behind this. */
  readonly lifeMs: number;
  /** For how long the trace goes on behind that, so that crashes can be detected. */
  readonly tailMs: number;
}

/**
 * What a process would have heard. `chance` answers uniform numbers in [0, 1): the same ones make the same trace, in every engine. Each
 * peer has a phase of its own. Throws `RangeError` (`E_USAGE`) on sizes and scenarios that cannot be played.
 */
export function generateTrace(scenario: Scenario, size: TraceSize, chance: () => number): ArrivalTrace {
  check(scenario, size);
  const untilMs = size.lifeMs + size.intervalMs + size.tailMs;
  // They end before the first crash: afterwards one would hold up the detection of all crashes together.
  const ownPauses = drawPauses(scenario.ownPauses, size.lifeMs - (scenario.ownPauses?.mostMs ?? 0), chance);
  const peers = Array.from({ length: size.peers }, (_, place): PeerTrace => {
    const crashMs = size.lifeMs + chance() * size.intervalMs;
    const arrivals = receive(scenario, send(scenario, { intervalMs: size.intervalMs, crashMs }, chance), chance)
      .map((arrival) => ({ ...arrival, arrivedMs: after(ownPauses, arrival.arrivedMs) }))
      .toSorted((a, b) => a.arrivedMs - b.arrivedMs || a.sequence - b.sequence);
    return { peer: `p${place + 1}`, arrivals, crashMs };
  });
  return { intervalMs: size.intervalMs, fromMs: 0, untilMs, stalls: scenario.ownPausesTold ? ownPauses : [], peers };
}

function check(scenario: Scenario, { intervalMs, peers, lifeMs, tailMs }: TraceSize): void {
  const anyTime = { least: 0, most: timeRange.most };
  const sizes = {
    intervalMs: { least: 1, most: timeRange.most },
    peers: { least: 1, most: 100_000, whole: true },
    lifeMs: timeRange,
    tailMs: anyTime,
  };
  checkOptions('generateTrace', { intervalMs, peers, lifeMs, tailMs }, sizes);
  const { delayMs, jitterMs, loss } = scenario;
  checkOptions(
    `scenario ${scenario.name}`,
    { delayMs, jitterMs, loss },
    { delayMs: anyTime, jitterMs: anyTime, loss: { least: 0, most: 1 } },
  );
  for (const pauses of [scenario.lossBursts, scenario.senderPauses, scenario.ownPauses]) {
    if (pauses === undefined) continue;
    const mostMs = { least: pauses.leastMs, most: timeRange.most };
    checkOptions(`scenario ${scenario.name}, pauses`, pauses, {
      everyMs: { least: 1, most: timeRange.most },
      leastMs: anyTime,
      mostMs,
    });
  }
}

interface Sent {
  readonly sequence: number;
  readonly sentMs: number;
}

function send(scenario: Scenario, until: { intervalMs: number; crashMs: number }, chance: () => number): readonly Sent[] {
  const { intervalMs, crashMs } = until;
  const phaseMs = chance() * intervalMs;
  const stopped = drawPauses(scenario.senderPauses, crashMs, chance);
  const sent: Sent[] = [];
  for (let sequence = 0; phaseMs + sequence * intervalMs < crashMs; sequence++) {
    const sentMs = after(stopped, phaseMs + sequence * intervalMs);
    // Of those that came due in one pause only the last is sent.
    if (sent.at(-1)?.sentMs === sentMs) sent.pop();
    if (sentMs < crashMs) sent.push({ sequence, sentMs });
  }
  return sent;
}

function receive(scenario: Scenario, sent: readonly Sent[], chance: () => number): readonly Arrival[] {
  const last = sent.at(-1)?.sentMs ?? 0;
  const bursts = drawPauses(scenario.lossBursts, last, chance);
  const arrivals: Arrival[] = [];
  for (const { sequence, sentMs } of sent) {
    const lost = chance() < scenario.loss || after(bursts, sentMs) !== sentMs;
    const arrivedMs = sentMs + scenario.delayMs + drawExponential(scenario.jitterMs, chance);
    if (!lost) arrivals.push({ sequence, sentMs, arrivedMs });
  }
  return arrivals;
}

function drawPauses(pauses: Pauses | undefined, untilMs: number, chance: () => number): readonly Stall[] {
  if (pauses === undefined) return [];
  const drawn: Stall[] = [];
  let atMs = drawExponential(pauses.everyMs, chance);
  while (atMs < untilMs) {
    const end = atMs + pauses.leastMs + chance() * (pauses.mostMs - pauses.leastMs);
    drawn.push({ fromMs: atMs, untilMs: end });
    atMs = end + drawExponential(pauses.everyMs, chance);
  }
  return drawn;
}

/** The moment itself, or the end of the pause that it falls into. */
function after(pauses: readonly Stall[], atMs: number): number {
  let low = 0;
  let high = pauses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pauses[middle]?.untilMs ?? Infinity) > atMs) high = middle;
    else low = middle + 1;
  }
  const next = pauses[low];
  return next !== undefined && next.fromMs <= atMs ? next.untilMs : atMs;
}

function drawExponential(mean: number, chance: () => number): number {
  return -mean * logarithm(1 - chance());
}
