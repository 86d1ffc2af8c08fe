import type { Compared, FailoverRow, PlacementRow, RegionsResult, SimulatedResult } from '../../simulated/simulated-result.ts';
import { isAsPredicted } from '../../simulated/predictions.ts';
import type { LineChart, StackChart } from '../chart/chart.ts';
import type { Block, Cell, Section } from '../document.ts';
import { columns, prose } from '../document.ts';
import { byteSize, exactMs, interval, percentage, plain, whole } from '../figures.ts';
import { variantName, variantSlot } from '../systems.ts';
import { cumulative, shareTicks } from './failover.ts';

/** A figure; where theory has another one, both. */
function comparedCell(one: Compared): Cell {
  const { measured, least, most } = one;
  if (isAsPredicted(one)) return plain(measured);
  const range = least === most ? plain(least) : interval(plain(least), plain(most));
  return { text: `${plain(measured)} (theory ${range})`, flag: 'deviates' };
}

/** What a commit costs, counted. */
export function simulatedCommits({ commits, settings }: SimulatedResult): Section {
  const rows = commits
    .filter(({ together }) => together === 1)
    .map((row) => {
      const together = commits.find(
        (one) => one.together > 1 && one.voters === row.voters && variantName(one) === variantName(row),
      );
      return {
        cells: [
          variantName(row),
          whole(row.voters),
          comparedCell(row.messages),
          kindsText(row.messagesByKind),
          comparedCell(row.syncsPerMember),
          comparedCell(row.commitDelays),
          byteSize(row.bytes),
          together === undefined ? '–' : comparedCell(together.messages),
          together === undefined ? '–' : byteSize(Math.round(together.bytes)),
        ],
      };
    });
  const names = columns(
    'protocol',
    '>members',
    '>messages',
    'by kind',
    '>syncs each',
    '>delays',
    '>bytes',
    '>messages, 10 together',
    '>bytes, 10 together',
  );
  return {
    id: 'simulated-commits',
    heading: 'Cost of a commit, counted',
    brief: true,
    blocks: [
      prose(
        `Per command with a value of ${byteSize(settings.valueBytes)}, between members: alone, or as one of ten in a turn of the leader. Delays: messages one after the other until the leader knows that it is committed.`,
      ),
      { kind: 'figures', charts: messageCharts(commits) },
      { kind: 'table', caption: 'Messages, syncs, delays and bytes per command', columns: names, rows, keys: 2 },
    ],
  };
}

function kindsText(kinds: Readonly<Record<string, number>>): string {
  return Object.entries(kinds)
    .map(([kind, count]) => `${kind} ${plain(count)}`)
    .join(', ');
}

function messageCharts(commits: SimulatedResult['commits']): readonly StackChart[] {
  const sizes = [...new Set(commits.map(({ voters }) => voters))];
  const chosen = [Math.min(...sizes), Math.max(...sizes)];
  return [...new Set(chosen)].map((voters) => {
    const rows = commits
      .filter((row) => row.voters === voters && row.together === 1)
      .map((row) => ({
        label: variantName(row),
        text: `${plain(row.messages.measured)} messages`,
        parts: Object.entries(row.messagesByKind).map(([name, value]) => ({ name, value })),
        unranked: false,
      }));
    return {
      kind: 'stack' as const,
      title: `Messages of a lone command, ${voters} members`,
      summary: `Messages per command by kind: ${rows.map(({ label, text }) => `${label} ${text}`).join('; ')}.`,
      axis: { label: 'messages', scale: 'linear' as const },
      rows,
    };
  });
}

/** How leaders follow each other. */
export function simulatedFailovers({ failovers, settings }: SimulatedResult): Section {
  return {
    id: 'simulated-failover',
    heading: 'Failover, step by step',
    brief: true,
    blocks: [
      prose(
        `Medians of ${settings.failoverTrials} failovers each. From “elected” on in message delays of ${exactMs(settings.delayMs)}, counted from the suspicion; detection and gap in virtual milliseconds. Election timeout ${exactMs(settings.electionTimeoutMs)}, heartbeat ${exactMs(settings.heartbeatMs)}; ZAB waits ${exactMs(settings.finalizeWaitMs)} for better votes. “Killed”: the process ends and its links with it; “power lost”: nothing is heard any more.`,
      ),
      { kind: 'figures', charts: gapCharts(failovers) },
      ...(['killed', 'power lost'] as const).map((loss) => stepTable(failovers, loss)),
    ],
  };
}

function stepTable(failovers: readonly FailoverRow[], loss: FailoverRow['loss']): Block {
  const rows = failovers
    .filter((row) => row.loss === loss)
    .map((row) => ({
      cells: [
        variantName(row),
        whole(row.voters),
        exactMs(row.detectMs.median, 0),
        ...[row.elected, row.ready, row.settled, row.firstCommit, row.firstCommand].map(comparedCell),
        exactMs(medianOf(row.gapsMs), 0),
      ],
    }));
  const names = columns(
    'protocol',
    '>members',
    '>detection',
    '>elected',
    '>ready',
    '>settled',
    '>first commit',
    '>command',
    '>gap',
  );
  return { kind: 'table', caption: `Steps of a failover, leader ${loss}`, columns: names, rows, keys: 2 };
}

/** Of values that rise. */
export function medianOf(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

function gapCharts(failovers: readonly FailoverRow[]): readonly LineChart[] {
  const sizes = [...new Set(failovers.map(({ voters }) => voters))];
  const voters = sizes.includes(5) ? 5 : sizes[0];
  return (['killed', 'power lost'] as const).map((loss) => {
    const own = failovers.filter((row) => row.voters === voters && row.loss === loss);
    return {
      kind: 'line' as const,
      title: `How long nothing is written, leader ${loss}, ${voters} members`,
      summary: `Share of failovers over the gap: ${own.map((row) => `${variantName(row)} from ${exactMs(row.gapsMs[0] ?? Number.NaN, 0)} to ${exactMs(row.gapsMs.at(-1) ?? Number.NaN, 0)}`).join('; ')}.`,
      x: { label: 'gap, virtual milliseconds', scale: 'linear' as const, least: 0 },
      y: { label: 'share of failovers', scale: 'linear' as const, least: 0, most: 1, ticks: shareTicks },
      series: own.map((row) => ({
        label: variantName(row),
        slot: variantSlot(row),
        points: cumulative(row.gapsMs),
        shape: 'steps' as const,
        unranked: false,
      })),
    };
  });
}

/** Writes across the world. */
export function simulatedRegions({ regions }: SimulatedResult): Section {
  const worst = Math.max(
    ...regions.placements.flatMap(({ clients }) =>
      clients.map(({ measuredMs, expectedMs }) => Math.abs(measuredMs / expectedMs - 1)),
    ),
  );
  const captions = {
    majority:
      'Milliseconds that a write takes, by region of leader and client: a majority holds it (Raft’s; the others’ in the JSON)',
    small: 'The same where two of five hold it (Multi-Paxos, write quorum of 2)',
  };
  return {
    id: 'simulated-regions',
    heading: 'Five regions',
    brief: false,
    blocks: [
      prose(
        `One member in each region; ${regions.source}. A client asks the member of its own region. Theory: the round trip of client and leader, plus that of the leader and the farthest member that it needs. Of Raft, Multi-Paxos and ZAB, with every leader and every client, the worst is ${percentage(worst)} off.`,
      ),
      placementTable(regions, captions.majority, ({ protocol, option }) => protocol === 'raft' && option === ''),
      placementTable(regions, captions.small, ({ option }) => option !== ''),
    ],
  };
}

function placementTable({ names, placements }: RegionsResult, caption: string, isMeant: (row: PlacementRow) => boolean): Block {
  const own = placements.filter(isMeant).map((row) => ({
    row,
    meanMs: row.clients.reduce((sum, { measuredMs }) => sum + measuredMs, 0) / row.clients.length,
  }));
  const best = Math.min(...own.map(({ meanMs }) => meanMs));
  const rows = own.map(({ row, meanMs }) => ({
    cells: [
      row.leader,
      ...row.clients.map(({ measuredMs, expectedMs }) =>
        comparedCell({ measured: measuredMs, least: expectedMs * 0.95, most: expectedMs * 1.05 }),
      ),
      `${plain(meanMs, 0)}${meanMs === best ? ', best' : ''}`,
    ],
  }));
  return { kind: 'table', caption, columns: columns('leader', ...names.map((name) => `>${name}`), '>mean'), rows };
}

/** What followers and new leaders have to catch up with. */
export function simulatedRemainders({ remainders, staleness, electability }: SimulatedResult): Section {
  return {
    id: 'simulated-remainders',
    heading: 'What is left behind',
    brief: false,
    blocks: [
      { kind: 'figures', charts: (['tail', 'lag'] as const).map((remainder) => remainderChart(remainders, remainder)) },
      {
        kind: 'table',
        caption: 'Bytes moved, and time, from the suspicion until the next leader may propose',
        columns: columns('protocol', 'left behind', '>bytes left', '>bytes moved', '>ready after'),
        rows: remainders.map((row) => ({
          cells: [
            variantName(row),
            remainderNames[row.remainder],
            byteSize(row.bytes),
            byteSize(row.bytesBeforeReady),
            exactMs(row.readyMs),
          ],
        })),
        detail: true,
      },
      {
        kind: 'table',
        caption: 'How far followers are behind when little happens',
        columns: columns('protocol', '>mean, ms', '>at most, ms'),
        rows: staleness.map((row) => ({ cells: [variantName(row), comparedCell(row.meanMs), comparedCell(row.mostMs)] })),
      },
      {
        kind: 'table',
        caption: 'Whether those who are left have a leader again',
        columns: columns('protocol', '>members', '>alive', 'elects'),
        rows: electability.map((row) => ({
          cells: [
            variantName(row),
            whole(row.voters),
            whole(row.alive),
            row.elects === row.expected
              ? yesNo(row.elects)
              : { text: `${yesNo(row.elects)} (theory ${yesNo(row.expected)})`, flag: 'deviates' as const },
          ],
        })),
      },
    ],
  };
}

const remainderNames = { tail: 'uncommitted tail', lag: 'a member lacks it' } as const;

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function remainderChart(rows: SimulatedResult['remainders'], remainder: 'tail' | 'lag'): LineChart {
  const own = rows.filter((row) => row.remainder === remainder);
  const protocols = [...new Set(own.map(({ protocol }) => protocol))];
  return {
    kind: 'line',
    title: remainder === 'tail' ? 'An uncommitted tail delays the next leader' : 'A lagging member delays the next leader',
    summary: `Milliseconds until ready over kilobytes left behind (${remainderNames[remainder]}): ${own.map((row) => `${variantName(row)} ${byteSize(row.bytes)} ${exactMs(row.readyMs)}`).join('; ')}.`,
    x: { label: 'kilobytes left behind', scale: 'linear' },
    y: { label: 'ready after, milliseconds', scale: 'linear' },
    series: protocols.map((protocol) => ({
      label: variantName({ protocol, option: '' }),
      slot: variantSlot({ protocol, option: '' }),
      points: own.filter((row) => row.protocol === protocol).map(({ bytes, readyMs }) => ({ x: bytes / 1000, y: readyMs })),
      shape: 'line' as const,
      unranked: false,
    })),
  };
}
