import type { MemberId } from '@quorate/interface';

/** Everything that a medium can do to its owner. */
export const diskEventKinds = [
  'delayed',
  'held',
  'shortWrite',
  'noSpace',
  'syncFailed',
  'syncLost',
  'syncMisdirected',
  'unreadable',
  'noOpenFiles',
  'readOnly',
  'rot',
  'kill',
  'powerLoss',
  'sectorLost',
  'sectorTorn',
  'tailSpared',
  'entryLost',
  'lockTakenOver',
  'wipe',
  'restore',
] as const;

/** One of {@link diskEventKinds}. */
export type DiskEventKind = (typeof diskEventKinds)[number];

/** A fault that took effect. `from` … `to` are bytes of the file where that says anything. */
export interface DiskEvent {
  readonly kind: DiskEventKind;
  readonly member: MemberId;
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** How often each fault took effect. */
export type DiskCounts = Record<DiskEventKind, number>;

/** Counts at zero. */
export function noDiskCounts(): DiskCounts {
  const counts: Partial<DiskCounts> = {};
  for (const kind of diskEventKinds) counts[kind] = 0;
  return counts as DiskCounts;
}
