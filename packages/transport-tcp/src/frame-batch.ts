import { at } from '@quorate/interface';
import type { LaneQueues, LinkHost, QueuedFrame } from '@quorate/links';
import { headerBytes, writeHeader } from './frame-format.ts';

// Bytes of control, log and bulk per batch. Their sum is about what a socket's kernel buffer takes at once.
const shares = [131_072, 131_072, 65_536] as const;

// Chunks below this are copied next to their headers: fewer, larger pieces cost less than a long list (bench/loopback.bench.mjs).
const copyBelowBytes = 16_384;

/**
 * Takes the next batch: control ahead of log ahead of bulk, each up to its share and at least one frame, so that bulk
 * cannot delay the others by more than a batch, and they cannot starve it.
 */
export function takeBatch(queue: LaneQueues): readonly QueuedFrame[] {
  const batch: QueuedFrame[] = [];
  for (let lane = 0; lane < shares.length; lane++) queue.take(lane, at(shares, lane), batch);
  return batch;
}

/** Frames as bytes for one write: headers and small chunks side by side in one buffer, large chunks as they are. */
export function layOut(frames: readonly QueuedFrame[], host: Pick<LinkHost, 'crc32' | 'allocate'>): readonly Uint8Array[] {
  const target = host.allocate(copiedBytes(frames));
  const pieces: Uint8Array[] = [];
  let start = 0;
  let end = 0;
  for (const { kind, chunks, length } of frames) {
    let crc = 0;
    for (const chunk of chunks) crc = host.crc32(chunk, crc);
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
