import type { Place } from './life.ts';
import type { StorageCapability } from './storage-harness.ts';

/** A case before it is given a place. */
export interface StorageCase {
  readonly name: string;
  readonly needs: readonly StorageCapability[];
  readonly play: (place: Place) => Promise<void>;
}
