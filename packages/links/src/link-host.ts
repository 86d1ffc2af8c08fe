import type { Crc32 } from '@quorate/interface';

/** Time, chance and memory, as links need them. Nothing here is called back within a call. */
export interface LinkHost {
  /** Runs soon, after what is running now. */
  soon(run: () => void): void;
  after(delayMs: number, run: () => void): { cancel(): void };
  monotonicMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  readonly crc32: Crc32;
  /** A buffer that the caller fills completely; it may hold anything before. */
  allocate(bytes: number): Uint8Array;
}
