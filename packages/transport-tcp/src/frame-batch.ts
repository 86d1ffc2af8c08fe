import type { Crc32 } from '@quorate/interface';
import { headerBytes, writeHeader } from './frame-format.ts';
import type { QueuedFrame } from './send-queue.ts';

/** What a batch needs of its host. */
export interface BatchTools {
  readonly crc32: Crc32;
  /** A buffer that will be filled completely; it may hold anything before. */
  allocate(bytes: number): Uint8Array;
}

// Chunks below this are copied next to their headers: fewer, larger pieces cost less than a long list (bench/loopback.bench.mjs).
const copyBelowBytes = 16_384;

/** Frames as bytes for one write: headers and small chunks side by side in one buffer, large chunks as they are. */
export function layOut(frames: readonly QueuedFrame[], tools: BatchTools): readonly Uint8Array[] {
  const target = tools.allocate(copiedBytes(frames));
  const pieces: Uint8Array[] = [];
  let start = 0;
  let end = 0;
  for (const { kind, chunks, length } of frames) {
    let crc = 0;
    for (const chunk of chunks) crc = tools.crc32(chunk, crc);
    writeHeader(target, end, { kind, length, crc });
    end += headerBytes;
    for (const chunk of chunks) {
      if (chunk.length < copyBelowBytes) {
        target.set(chunk, end);
        end += chunk.length;
      } else {
        pieces.push(target.subarray(start, end), chunk);
        start = end;
      }
    }
  }
  if (start === 0) return [target];
  if (end > start) pieces.push(target.subarray(start, end));
  return pieces.filter((piece) => piece.length > 0);
}

function copiedBytes(frames: readonly QueuedFrame[]): number {
  let bytes = frames.length * headerBytes;
  for (const { chunks } of frames) for (const chunk of chunks) if (chunk.length < copyBelowBytes) bytes += chunk.length;
  return bytes;
}
