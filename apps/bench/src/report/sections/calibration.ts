import type { BenchResult } from '../../result/bench-result.ts';
import type { Calibration } from '../../result/calibration.ts';
import type { Cell } from '../../result/cell.ts';
import type { Block, Section } from '../document.ts';
import { columns, prose } from '../document.ts';
import { byteSize, duration, figure, percentage, rate, ratioText } from '../figures.ts';
import { systemNames } from '../systems.ts';

/** What the machine can do by itself, and what part of it the systems use. */
export function calibrationSection(result: BenchResult): Section | undefined {
  const { calibration } = result;
  if (calibration === undefined) return undefined;
  const blocks: Block[] = [
    prose(
      'What this machine does with nothing but Node between. Figures of one machine say little about another; fractions of these say more.',
    ),
    syncTable(calibration),
    otherTable(calibration),
  ];
  if (result.cells.length > 0) blocks.push(fractionTable(result, calibration));
  return { id: 'calibration', heading: 'Calibration', brief: result.command === 'calibrate', blocks };
}

function syncTable({ sync }: Calibration): Block {
  const rows = sync.map(({ segment, bytes, p50Ms, p99Ms, syncsPerSecond }) => ({
    cells: [segment, byteSize(bytes), duration(p50Ms), duration(p99Ms), rate(syncsPerSecond)],
  }));
  return { kind: 'table', caption: 'A write and its sync', columns: columns('segment', '>bytes', '>p50', '>p99', '>rate'), rows };
}

function otherTable({ loopback, codec, eventLoopTurnUs }: Calibration): Block {
  const rows = [
    ...loopback.flatMap((one) => [
      {
        cells: [
          `loopback ${one.transport}, round trip of ${byteSize(one.roundTripBytes)}`,
          duration(one.roundTripP50Ms),
          `p99 ${duration(one.roundTripP99Ms)}`,
        ],
      },
      { cells: [`loopback ${one.transport}, throughput`, `${byteSize(one.bytesPerSecond)}/s`, ''] },
    ]),
    ...codec.map((one) => ({
      cells: [
        `codec of ${one.protocol}, heads`,
        `${figure(one.encodesPerSecond / 1e6)} M/s encoded`,
        `${figure(one.decodesPerSecond / 1e6)} M/s decoded`,
      ],
    })),
    { cells: ['an empty turn of the event loop', duration(eventLoopTurnUs / 1000), ''] },
  ];
  return { kind: 'table', caption: 'Network, codec, event loop', columns: columns('what', '>figure', '>and'), rows };
}

/** The journal's segments are recycled, and its batches small. */
function journalSync({ sync }: Calibration): Calibration['sync'][number] | undefined {
  const recycled = sync.filter(({ segment }) => segment === 'recycled');
  return recycled.toSorted((a, b) => a.bytes - b.bytes)[0] ?? sync[0];
}

function fractionTable(result: BenchResult, calibration: Calibration): Block {
  const sync = journalSync(calibration);
  const rows = result.cells.map((cell) => ({
    cells: [
      systemNames(result)(cell.system),
      `${cell.workload.name}, ${cell.loop.kind} loop`,
      syncShare(cell, sync?.syncsPerSecond),
      loopbackShare(cell, calibration),
      cell.system.durability === 'synced' ? latencyUnits(cell, sync?.p50Ms, calibration) : '–',
    ],
    unranked: !cell.verdict.rankable,
  }));
  return {
    kind: 'table',
    caption: 'As fractions of the calibration',
    columns: columns('system', 'load', '>syncs per member', '>loopback bytes', '>p50 ÷ (sync + round trip)'),
    rows,
  };
}

function syncShare({ cost, system, operationsPerSecond }: Cell, syncsPerSecond: number | undefined): string {
  if (cost?.syncs === undefined || syncsPerSecond === undefined || system.durability !== 'synced') return '–';
  return percentage((operationsPerSecond.median * cost.syncs) / system.members / syncsPerSecond);
}

function loopbackShare({ cost, system, operationsPerSecond }: Cell, { loopback }: Calibration): string {
  const own = loopback.find(({ transport }) => transport === system.transport) ?? loopback[0];
  if (cost?.bytes === undefined || own === undefined) return '–';
  return percentage((operationsPerSecond.median * cost.bytes) / own.bytesPerSecond);
}

function latencyUnits({ latency, system }: Cell, syncMs: number | undefined, { loopback }: Calibration): string {
  const own = loopback.find(({ transport }) => transport === system.transport) ?? loopback[0];
  if (syncMs === undefined || own === undefined) return '–';
  return ratioText(latency.p50Ms / (syncMs + own.roundTripP50Ms));
}
