import { describe, expect, test } from 'vitest';
import type { Block, Check, Section, Statement } from '../src/report/document.ts';
import { htmlReport } from '../src/report/html/html-report.ts';
import { reportDocument } from '../src/report/report-document.ts';
import { checksOf } from '../src/report/sections/doubts.ts';
import { terminalReport } from '../src/report/terminal.ts';
import type { BenchResult } from '../src/result/bench-result.ts';
import type { Cell } from '../src/result/cell.ts';
import { sampleDetectors } from './fixtures/sample-detectors.ts';
import { sampleResult } from './fixtures/sample-result.ts';

const sample = sampleResult();
const sections = (result: BenchResult): readonly Section[] => reportDocument({ measured: result }).sections;
const blocksOf = (result: BenchResult, id: string): readonly Block[] =>
  sections(result).find((one) => one.id === id)?.blocks ?? [];

function verdictsOf(result: BenchResult): readonly Statement[] {
  return blocksOf(result, 'verdict').flatMap((block) => (block.kind === 'statements' ? block.items : []));
}

describe('the verdict', () => {
  test('comes first, and says what was found with its confidence', () => {
    expect(sections(sample)[0]?.id).toBe('verdict');
    expect(verdictsOf(sample)[0]).toEqual({
      weight: 'difference',
      text: 'ZAB completes 14\u00A0% fewer operations per second than Raft.',
      confidence: 'Ratio 0.86, 95 % interval 0.83–0.89 (put, closed loop with 64 in flight, synced; 10 rounds).',
    });
  });

  test('says that two cannot be told apart where 1 is in the interval', () => {
    expect(verdictsOf(sample).find(({ text }) => text.includes('p99'))).toEqual({
      weight: 'none',
      text: 'Multi-Paxos and Raft cannot be told apart by p99 latency.',
      confidence: 'Ratio 1.02, 95 % interval 0.97–1.08 (put, open loop with 16 500 per second, synced; 10 rounds).',
    });
  });

  test('gives no ratio where one of the two may not be ranked, but the reason', () => {
    const unranked = verdictsOf(sample).find(({ weight }) => weight === 'unranked');
    expect(unranked?.text).toBe('ZAB and Raft are not compared by p99 latency.');
    expect(unranked?.confidence).toBe(
      'ZAB: 6 of 10 repeats did not settle within 15 s (put, open loop with 16 500 per second, synced; 10 rounds).',
    );
  });

  test('compares failovers only where their intervals do not meet', () => {
    const told = verdictsOf(sample).filter(({ text }) => text.startsWith('After the death'));
    expect(told.map(({ weight, text }) => [weight, text])).toEqual([
      ['difference', 'After the death of a leader, clients of ZAB wait less than those of Raft.'],
      ['none', 'After the death of a leader, the gaps of Raft and Multi-Paxos cannot be told apart.'],
    ]);
  });

  test('does not compare failovers with a remark, and says whose it is', () => {
    const remarks = [{ kind: 'disturbed' as const, text: '9 of 20 trials were disturbed' }];
    const failovers = sample.failovers.map((cell) => (cell.system.protocol === 'zab' ? { ...cell, remarks } : cell));
    const told = verdictsOf({ ...sample, failovers }).find(({ text }) => text.startsWith('The failovers'));
    expect(told).toEqual({
      weight: 'unranked',
      text: 'The failovers of Raft and ZAB are not compared.',
      confidence: 'ZAB: 9 of 20 trials were disturbed.',
    });
  });

  test('says so where the run was ended early', () => {
    const [, prose] = blocksOf({ ...sample, interrupted: true }, 'verdict');
    expect(prose?.kind === 'prose' && prose.text).toMatch(/^The run was ended early/);
  });
});

describe('tables and charts', () => {
  test('a cell that is not ranked looks so everywhere, and has no place', () => {
    const rows = blocksOf(sample, 'throughput').flatMap((block) =>
      block.kind === 'table' && block.detail !== true ? block.rows : [],
    );
    const unranked = rows.filter((row) => row.unranked === true);
    expect(unranked.map(({ cells }) => cells.slice(0, 2))).toEqual([['–', 'ZAB, not ranked: not steady']]);
    const charts = sections(sample).flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === 'figures' ? block.charts : [])),
    );
    for (const chart of charts.filter(({ title }) => title.includes('open loop'))) {
      const marks = chart.kind === 'line' ? chart.series : chart.rows;
      const zab = marks.filter(({ label }) => label.startsWith('ZAB'));
      expect(zab.length, chart.title).toBeGreaterThan(0);
      for (const mark of zab) expect([mark.unranked, mark.label.includes('(not ranked)')], chart.title).toEqual([true, true]);
    }
  });

  test('a ratio that may as well be 1 looks as if it said nothing, and another one does not', () => {
    const [table] = blocksOf(sample, 'throughput');
    expect(table?.kind === 'table' && table.rows.map(({ cells }) => cells.at(-1))).toEqual([
      '',
      { text: '0.99, 0.94–1.05', flag: 'unranked' },
      '0.86, 0.83–0.89',
    ]);
    const html = htmlReport(reportDocument({ measured: sample }));
    expect(html).toContain('<td class="n"><span class="unranked">0.99, 0.94–1.05</span></td>');
    expect(terminalReport(reportDocument({ measured: sample }), 120)).toMatch(/\(0\.99, 0\.94–1\.05\)\n.* 0\.86, 0\.83–0\.89\n/);
  });

  test('who shares a place shares it visibly', () => {
    const [table] = blocksOf(sample, 'throughput');
    expect(table?.kind === 'table' && table.rows.map(({ cells }) => cells[0])).toEqual(['1 =', '1 =', '3']);
  });

  test('a system looks the same in all charts', () => {
    const slots = new Map<string, Set<number>>();
    for (const { blocks } of sections({ ...sample, detectors: undefined }))
      for (const block of blocks)
        for (const chart of block.kind === 'figures' ? block.charts : []) {
          const marks = chart.kind === 'line' ? chart.series : chart.kind === 'interval' ? chart.rows : [];
          for (const { label, slot } of marks) {
            const name = /^[\w-]+/.exec(label)?.[0] ?? '';
            slots.set(name, (slots.get(name) ?? new Set()).add(slot));
          }
        }
    expect([...slots].map(([name, found]) => [name, [...found]])).toEqual([
      ['Raft', [0]],
      ['Multi-Paxos', [1]],
      ['ZAB', [2]],
    ]);
  });

  test('disturbed failovers are not in the curve', () => {
    const charts = blocksOf(sample, 'failover').flatMap((block) => (block.kind === 'figures' ? block.charts : []));
    const [curve] = charts;
    // 20 trials, one of them disturbed, and the foot of the curve.
    expect(curve?.kind === 'line' && curve.series.map(({ points }) => points.length)).toEqual([20, 20, 20]);
  });

  test('failure detectors have a section only where there are rows', () => {
    const ids = (result: BenchResult): readonly string[] => sections(result).map(({ id }) => id);
    expect(ids(sample)).not.toContain('detectors');
    expect(ids(sample)).toContain('measured-detectors');
    expect(ids({ ...sample, detectors: undefined })).not.toContain('measured-detectors');
    const { sections: all } = reportDocument({ measured: sample, detectors: sampleDetectors });
    const own = all.find(({ id }) => id === 'detectors');
    expect(own?.blocks.map(({ kind }) => kind)).toEqual(['statements', 'figures', 'table', 'table', 'table', 'table']);
    expect(JSON.stringify(own)).toContain('"never"');
  });
});

describe('why it might be wrong', () => {
  const stateOf = (result: BenchResult, name: string): Check['state'] | undefined =>
    checksOf(result).find((check) => check.name === name)?.state;
  const cellsWith = (change: (cell: Cell) => Cell): BenchResult => ({ ...sample, cells: sample.cells.map(change), warnings: [] });
  const disturbed = (change: object): BenchResult =>
    cellsWith((cell) => ({
      ...cell,
      repeats: cell.repeats.map((repeat) => ({ ...repeat, disturbance: { ...repeat.disturbance, ...change } })),
    }));

  test.each([
    { name: 'Steal time', fine: disturbed({ stealShare: 0.01 }), doubt: disturbed({ stealShare: 0.03 }) },
    { name: 'Other processes', fine: disturbed({ foreignCpuShare: 0.04 }), doubt: disturbed({ foreignCpuShare: 0.06 }) },
    { name: 'Disturbed repeats', fine: disturbed({ reasons: [] }), doubt: disturbed({ reasons: ['probes differ'] }) },
    {
      name: 'Load generator',
      fine: cellsWith((cell) => ({ ...cell, operationsPerSecond: { ...cell.operationsPerSecond, median: 1000 } })),
      doubt: sample,
    },
    {
      name: 'Steady state',
      fine: cellsWith((cell) => ({ ...cell, repeats: cell.repeats.map((repeat) => ({ ...repeat, steady: true })) })),
      doubt: sample,
    },
    { name: 'Few repeats', fine: sample, doubt: cellsWith((cell) => ({ ...cell, repeats: cell.repeats.slice(0, 3) })) },
    {
      name: 'Virtual machine',
      fine: { ...sample, machine: { ...sample.machine, virtual: false } },
      doubt: sample,
    },
    {
      name: 'Shared cores',
      fine: { ...sample, machine: { ...sample.machine, cores: 8 } },
      doubt: sample,
    },
  ])('$name', ({ name, fine, doubt }) => {
    expect(stateOf(fine, name)).toBe('fine');
    expect(stateOf(doubt, name)).toBe('doubt');
  });

  test('what the system does not say is unknown, not fine', () => {
    expect(stateOf(disturbed({ stealShare: undefined }), 'Steal time')).toBe('unknown');
    expect(stateOf(sample, 'CPU frequency')).toBe('unknown');
  });

  test('every warning of a result is told, with the name of its cell', () => {
    const text = '3 % of the arrivals were late';
    const result: BenchResult = { ...sample, warnings: [{ code: 'rate-missed', cell: sample.cells[0]?.id, text }] };
    expect(checksOf(result).find(({ name }) => name === 'Offered load')).toEqual({
      state: 'doubt',
      name: 'Offered load',
      text: `Raft, put, closed loop: ${text}.`,
    });
  });
});

test('a calibration alone is a report, too', () => {
  const nothing = { cells: [], groups: [], failovers: [], detectors: undefined, notMeasured: [] };
  const result: BenchResult = { ...sample, command: 'calibrate', ...nothing };
  const document = reportDocument({ measured: result });
  expect(document.title).toBe('What this machine can do');
  expect(document.sections.map(({ id }) => id)).toEqual(['doubts', 'calibration', 'machine']);
});

test('failovers are compared within a service only', () => {
  const measured = sampleResult();
  const [raft, ...others] = measured.failovers;
  if (raft === undefined) throw new Error('there is no failover');
  const ofLocks: typeof raft = { ...raft, id: 'lock', ratePerSecond: 7, system: { ...raft.system, service: 'lock' } };
  const document = reportDocument({ measured: { ...measured, cells: [], groups: [], failovers: [raft, ofLocks, ...others] } });
  const verdict = JSON.stringify(document.sections.find(({ id }) => id === 'verdict'));
  expect(verdict).toContain('Raft');
  expect(verdict).not.toContain('Raft · lock');
  expect(JSON.stringify(document.sections.find(({ id }) => id === 'failover'))).toContain('at 7.00/s–');
});
