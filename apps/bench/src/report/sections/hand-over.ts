import type { BenchResult } from '../../result/bench-result.ts';
import type { Block, Section } from '../document.ts';
import { columns, prose } from '../document.ts';
import { duration, interval, plain, ratioText } from '../figures.ts';
import { cellNamed, rankedName, systemNames } from '../systems.ts';

/** How long a lock is on its way to the next holder, in commits; nothing where none was handed over. */
export function handOverSection(result: BenchResult): Section | undefined {
  const tables = result.groups.flatMap(({ cells: ids, text }): Block[] => {
    const rows = ids.flatMap((id) => {
      const cell = cellNamed(result, id);
      if (cell?.handOver === undefined) return [];
      const { system, latency, handOver, verdict } = cell;
      const { ratio, commitP50Ms, commitP99Ms, wakeUpsPerRelease } = handOver;
      const texts = [
        rankedName(systemNames(result)(system), verdict.reasons, verdict.rankable),
        duration(latency.p50Ms),
        duration(commitP50Ms),
        `${ratioText(ratio.median)}, ${interval(ratioText(ratio.low), ratioText(ratio.high))}`,
        plain(wakeUpsPerRelease, 3),
        duration(latency.p99Ms),
        duration(commitP99Ms),
      ];
      return [{ cells: texts, unranked: !verdict.rankable }];
    });
    if (rows.length === 0) return [];
    const names = columns('system', '>p50', '>of a commit', '>÷ commit, 95 % interval', '>wake-ups', '>p99', '>of a commit');
    return [{ kind: 'table', caption: `Hand-over: ${text}`, columns: names, rows }];
  });
  if (tables.length === 0) return undefined;
  return { id: 'hand-over', heading: 'Locks under contention', brief: true, blocks: [prose(explanation), ...tables] };
}

const explanation =
  'A hand-over lasts from the moment when the holder sends its release until the next one has its grant. The commit beside it is the same request for a lock that nobody waits for, in turns with the hand-overs, through the same door of the leader. Wake-ups are answers to those who wait, for each release.';
