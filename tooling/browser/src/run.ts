import type { Crc32 } from '@quorate/interface';
import { planOf, protocolNamed, protocolNames, runSeed } from '@quorate/sim/seed';
import type { SeedReport } from '@quorate/sim/seed';

/** Which run is asked for. */
export interface RunChoice {
  readonly protocol: string;
  readonly seed: number;
  /** Virtual seconds with faults; the cluster's recovery comes on top. */
  readonly seconds: number;
}

/** What a run is told with: plain data, because it crosses from a worker to its page. */
export interface RunTold {
  readonly verdict: 'ok' | 'violated';
  /** What was broken; empty where nothing was. */
  readonly violations: readonly string[];
  /** What is worth reading, in order: a name and a value each. */
  readonly facts: readonly RunFact[];
  /** How often each kind of fault took effect, most often first. */
  readonly faults: readonly RunFact[];
}

/** One line of what is told. */
export interface RunFact {
  readonly name: string;
  readonly value: string;
}

/** How a host differs from another: nothing here may change what is told. */
export interface RunHost {
  /** Instead of the portable one. */
  readonly crc32?: Crc32;
  /** Told now and then how far the world's clock is. */
  readonly progress?: (virtualMs: number) => void;
}

/** Without parameters the page runs this. */
export const defaultChoice: RunChoice = { protocol: protocolNames[0] ?? '', seed: 7, seconds: 5 };

/** The longest run that a page offers, in virtual seconds: its history is kept in memory. */
export const longestSeconds = 120;

const progressEveryMs = 100;

/** Reads a choice from a page's address. Throws a RangeError that says which value is wrong, and what is right. */
export function choiceOf(parameters: { get(name: string): string | null }): RunChoice {
  const protocol = parameters.get('protocol') ?? defaultChoice.protocol;
  if (!protocolNames.includes(protocol)) throw new RangeError(`protocol: ${protocol} is none of ${protocolNames.join(', ')}`);
  const whole = (name: 'seed' | 'seconds', lowest: number, highest: number): number => {
    const text = parameters.get(name) ?? String(defaultChoice[name]);
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= lowest && value <= highest) return value;
    throw new RangeError(`${name}: ${text} is no whole number from ${lowest} to ${highest}`);
  };
  return { protocol, seed: whole('seed', 0, Number.MAX_SAFE_INTEGER), seconds: whole('seconds', 1, longestSeconds) };
}

/** Runs the choice on this host, and tells it. Two hosts that tell anything different do not run the same code. */
export function tellRun(choice: RunChoice, { crc32, progress }: RunHost): RunTold {
  const protocol = protocolNamed(choice.protocol);
  if (protocol === undefined) throw new RangeError(`protocol: ${choice.protocol} is none of ${protocolNames.join(', ')}`);
  const plan = planOf(protocol, choice.seed, choice.seconds);
  let nextMs = progressEveryMs;
  const report = runSeed({
    protocol,
    plan,
    ...(crc32 === undefined ? {} : { crc32 }),
    watch: ({ world }) => [
      {
        drained: () => {
          if (world.time.nowMs < nextMs) return;
          nextMs = world.time.nowMs + progressEveryMs;
          progress?.(world.time.nowMs);
        },
      },
    ],
  });
  const members = plan.learners === 0 ? `${plan.voters}` : `${plan.voters} voters, ${plan.learners} learner`;
  const kinds = Object.entries(report.faults).filter(([, count]) => count > 0);
  return {
    verdict: report.violations.length === 0 ? 'ok' : 'violated',
    violations: report.violations.map(({ invariant, text, atMs }) => `${invariant} at ${secondsOf(atMs)}: ${text}`),
    facts: factsOf(choice, members, report),
    faults: kinds.toSorted(([, one], [, other]) => other - one).map(([name, count]) => ({ name, value: `${count}` })),
  };
}

function factsOf(choice: RunChoice, members: string, report: SeedReport): readonly RunFact[] {
  const faults = Object.values(report.faults).reduce((sum, count) => sum + count, 0);
  return [
    { name: 'Protocol', value: choice.protocol },
    { name: 'Seed', value: `${choice.seed}` },
    { name: 'Members', value: members },
    { name: 'Faults', value: grouped(faults) },
    { name: 'Events', value: grouped(report.events) },
    { name: 'Virtual time', value: secondsOf(report.virtualMs) },
    { name: 'Committed entries', value: grouped(report.committed) },
    { name: 'Operations checked', value: grouped(report.operations) },
    { name: 'Cluster at the end', value: report.ending },
    { name: 'Trace hash', value: report.traceHash },
  ];
}

function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** Thousands apart, the same in every locale. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}
