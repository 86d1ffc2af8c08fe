import type { Storage } from '@quorate/interface';

/**
 * `keepsPartials`: a snapshot that was half written when its owner crashed is still there, byte by byte. Where power fails, what was
 * not synced may be gone, and that is the reason to give.
 */
export type StorageCapability = 'keepsPartials';

/**
 * One place of durable content, for one case. A life begins with `storage()` and ends with the storage's own `close` or with
 * `crash`; there is never more than one, but where a case asks whether a second owner is kept out.
 */
export interface StorageHarness {
  /** A storage over the place, which nobody has opened. */
  storage(): Storage;
  /** Ends the life as a kill or a failure of power does: nothing that was under way completes, and the place can be opened again. */
  crash(): Promise<void>;
  /** Lets a little of what is under way happen: a completion, or a turn. Crashes come between such steps. */
  step(): Promise<void>;
  /** Resolves once the condition holds; rejects, naming `what`, where it never does. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** The end of the case. */
  close(): Promise<void>;
}
