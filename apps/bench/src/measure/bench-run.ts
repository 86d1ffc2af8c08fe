import type { RunSettings } from '../result/bench-result.ts';
import type { Cell } from '../result/cell.ts';
import type { DetectorStudy } from '../result/detectors.ts';
import type { FailoverCell } from '../result/failover.ts';
import type { Group } from '../result/group.ts';
import type { CheckPerf } from '../result/check-perf.ts';
import type { NotMeasured, Warning } from '../result/remark.ts';
import type { Children } from './children.ts';
import type { Progress } from './progress.ts';

/** One run of a command: its settings, its surroundings, and what it has found so far. */
export interface BenchRun {
  readonly settings: RunSettings;
  /** Where data lies. */
  readonly directory: string;
  readonly children: Children;
  readonly progress: Progress;
  readonly wallMs: () => number;
  readonly cells: Cell[];
  readonly groups: Group[];
  readonly failovers: FailoverCell[];
  detectors: DetectorStudy | undefined;
  readonly checkPerf: CheckPerf[];
  readonly warnings: Warning[];
  readonly notMeasured: NotMeasured[];
  /** Something that was asked for could not be measured. */
  incomplete: boolean;
}
