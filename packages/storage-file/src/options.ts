import type { Disk, Host } from '@quorate/interface';

/** Where and how a member keeps its data. */
export interface FileStorageOptions {
  /** The data directory; made where it is missing. Nothing else may write into it. */
  readonly directory: string;
  readonly disk: Disk;
  readonly host: Pick<Host, 'endOfTurn' | 'at' | 'monotonicMs'>;
  /** The consensus group, 0 today: recorded in every batch. */
  readonly group?: number;
  /**
   * Size of a journal segment in bytes, a multiple of 4096. Default 8 MiB, sensible from 1 MiB to 256 MiB; smaller ones, down to
   * 4096, are for simulations. Larger ones are changed less often, but take longer to fill at the first start and to copy after a
   * crash. A batch that is larger than a segment gets a segment of its own, as large as it needs. May change between starts.
   */
  readonly segmentBytes?: number;
  /** Takes one line for the operator's log at start, such as "a batch that was never acknowledged was cut off". */
  readonly report?: (text: string) => void;
}

/** What {@link FileStorageOptions} are when they are left out. */
export const defaultFileStorageOptions: { readonly group: number; readonly segmentBytes: number } = {
  group: 0,
  segmentBytes: 8_388_608,
};

const smallest = 4_096;
const largest = 1_073_741_824;

/** Fills in the defaults, and throws a `RangeError` that names everything wrong: these come from code, not from operators. */
export function resolveFileStorageOptions(options: FileStorageOptions): Required<FileStorageOptions> {
  const resolved = { report: (): void => undefined, ...defaultFileStorageOptions, ...options };
  const problems: string[] = [];
  const { directory, group, segmentBytes } = resolved;
  if (directory === '') problems.push('directory: got nothing, allowed: a path');
  if (!Number.isInteger(group) || group < 0 || group > 0xffff_ffff) problems.push(`group: got ${group}, allowed: a u32`);
  if (!Number.isInteger(segmentBytes) || segmentBytes % 4096 !== 0 || segmentBytes < smallest || segmentBytes > largest)
    problems.push(`segmentBytes: got ${segmentBytes}, allowed: a multiple of 4096 from ${smallest} to ${largest}`);
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  return resolved;
}
