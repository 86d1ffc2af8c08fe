import type { BenchResult } from '../result/bench-result.ts';
import type { Cell, SystemUnderTest, VerdictReason } from '../result/cell.ts';
import type { MeasuredVariant } from '../simulated/simulated-result.ts';

/** How a protocol is written. */
const protocolNames: Readonly<Record<string, string>> = { raft: 'Raft', 'multi-paxos': 'Multi-Paxos', zab: 'ZAB' };

/** A variant, as a sentence has it. */
export function variantName({ protocol, option }: MeasuredVariant): string {
  const name = protocolNames[protocol] ?? protocol;
  return option === '' ? name : `${name}, ${option}`;
}

/** A protocol, as a sentence has it. */
export function protocolName(protocol: string): string {
  return protocolNames[protocol] ?? protocol;
}

/** The look of a variant: the three protocols first, as in charts of measured systems that run one of each. */
export function variantSlot({ protocol, option }: MeasuredVariant): number {
  const place = Object.keys(protocolNames).indexOf(protocol);
  return option === '' ? place : place + 4;
}

/** The protocol, and as much of the rest as tells the systems of a result apart. */
export function systemNames(result: BenchResult): (system: SystemUnderTest) => string {
  const own = [...result.cells, ...result.failovers].map(({ system }) => system).filter(({ product }) => product === 'quorate');
  const differ = (what: 'transport' | 'door' | 'service', among = own): boolean =>
    new Set(among.map((system) => system[what])).size > 1;
  const transports = differ('transport');
  const services = differ('service');
  // A workload of the lock service has one door, which its name tells.
  const doors = differ(
    'door',
    own.filter(({ service }) => service === undefined),
  );
  return ({ label, product, protocol, transport, door, service }) => {
    if (product !== 'quorate') return label;
    const rest = [
      ...(transports ? [transport] : []),
      ...(doors && service === undefined ? [door] : []),
      ...(services && service !== undefined ? [service] : []),
    ];
    return [protocolName(protocol), ...rest].join(' · ');
  };
}

/** One look for each system in all charts of a report: systems in the order in which they were measured. */
export function systemSlots(result: BenchResult): (system: SystemUnderTest) => number {
  const name = systemNames(result);
  const labels = [...new Set([...result.cells, ...result.failovers].map(({ system }) => name(system)))];
  return (system) => labels.indexOf(name(system));
}

/** A cell by its id. */
export function cellNamed(result: BenchResult, id: string): Cell | undefined {
  return result.cells.find((cell) => cell.id === id);
}

/** Where there are too few repeats to say anything, it does not matter what else is wrong with them. */
export function mainReasons(reasons: readonly VerdictReason[]): readonly VerdictReason[] {
  const few = reasons.filter(({ kind }) => kind === 'too-few-repeats');
  return few.length > 0 ? few : reasons;
}

/** A system in a table: one that is not ranked says why, in a few words. */
export function rankedName(name: string, reasons: readonly VerdictReason[], rankable: boolean): string {
  if (rankable) return name;
  const kinds = [...new Set(mainReasons(reasons).map(({ kind }) => kind.replaceAll('-', ' ')))];
  return kinds.length === 0 ? `${name}, not ranked` : `${name}, not ranked: ${kinds.join(', ')}`;
}
