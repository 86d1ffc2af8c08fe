import { faultKinds } from '@quorate/simulator';
import type { FaultKind } from '@quorate/simulator';

/** All kinds, zero times. */
export function noFaults(): Record<FaultKind, number> {
  return Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
}
