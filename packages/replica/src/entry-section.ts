import { at, payloadBytes } from '@quorate/interface';
import type { EntryBatch, EntryKind } from '@quorate/interface';

/**
 * Entries behind the head of a core's message. Little-endian: number of runs u32; per run: first f64, round f64, owner f64,
 * count u32, bytes of payload u32, kind u32, then the ends and the checksums, u32 each; then the payloads of all runs. No runs: no bytes.
 */
const runHeadBytes = 36;
const kinds: readonly EntryKind[] = ['command', 'noop', 'config'];

/** The section as chunks: a table of its own, then the payloads, shared and not copied. */
export function encodeEntries(entries: readonly EntryBatch[], into: Uint8Array[]): void {
  if (entries.length === 0) return;
  let bytes = 4;
  for (const batch of entries) bytes += runHeadBytes + 8 * batch.count;
  const start = reserve(bytes);
  slabView.setUint32(start, entries.length, true);
  let offset = start + 4;
  for (const batch of entries) offset = writeRun(slabView, offset, batch);
  into.push(slab.subarray(start, offset));
  for (const batch of entries) for (const chunk of batch.body) into.push(chunk);
}

// Tables are written one behind the other into a slab and handed out as views of it, never used twice: a DataView of a small array of its
// own makes V8 move the array out of its heap, which costs more than filling it.
const slabBytes = 65_536;
let slab = new Uint8Array(slabBytes);
let slabView = new DataView(slab.buffer);
let slabUsed = 0;

function reserve(bytes: number): number {
  if (slabUsed + bytes > slab.length) {
    slab = new Uint8Array(Math.max(slabBytes, bytes));
    slabView = new DataView(slab.buffer);
    slabUsed = 0;
  }
  slabUsed += bytes;
  return slabUsed - bytes;
}

function writeRun(view: DataView, start: number, batch: EntryBatch): number {
  let offset = start;
  view.setFloat64(offset, batch.first, true);
  view.setFloat64(offset + 8, batch.epoch.round, true);
  view.setFloat64(offset + 16, batch.epoch.owner, true);
  view.setUint32(offset + 24, batch.count, true);
  view.setUint32(offset + 28, payloadBytes(batch), true);
  view.setUint32(offset + 32, kinds.indexOf(batch.kind), true);
  offset += runHeadBytes;
  for (let i = 0; i < batch.count; i++, offset += 4) view.setUint32(offset, at(batch.ends, i), true);
  for (let i = 0; i < batch.count; i++, offset += 4) view.setUint32(offset, at(batch.checksums, i), true);
  return offset;
}

/** Takes a section apart; payloads are views of it. Undefined where it is malformed; never throws and allocates no more than it was sent. */
export function decodeEntries(section: Uint8Array): readonly EntryBatch[] | undefined {
  if (section.length === 0) return [];
  if (section.length < 4) return undefined;
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  const runs = view.getUint32(0, true);
  if (runs === 0 || runs * runHeadBytes > section.length) return undefined;
  let tableBytes = 4;
  for (let run = 0; run < runs; run++) {
    if (tableBytes + runHeadBytes > section.length) return undefined;
    tableBytes += runHeadBytes + 8 * view.getUint32(tableBytes + 24, true);
  }
  if (tableBytes > section.length) return undefined;
  const entries: EntryBatch[] = [];
  let offset = 4;
  let bodyAt = tableBytes;
  for (let run = 0; run < runs; run++) {
    const batch = readRun(view, offset, section.subarray(bodyAt));
    if (batch === undefined) return undefined;
    entries.push(batch);
    offset += runHeadBytes + 8 * batch.count;
    bodyAt += payloadBytes(batch);
  }
  return bodyAt === section.length ? entries : undefined;
}

function readRun(view: DataView, start: number, rest: Uint8Array): EntryBatch | undefined {
  const first = view.getFloat64(start, true);
  const round = view.getFloat64(start + 8, true);
  const owner = view.getFloat64(start + 16, true);
  const count = view.getUint32(start + 24, true);
  const bytes = view.getUint32(start + 28, true);
  const kind = kinds[view.getUint32(start + 32, true)];
  if (kind === undefined || count === 0 || bytes > rest.length) return undefined;
  if (!isCount(first) || first === 0 || !isCount(first + count) || !isCount(round) || !isCount(owner)) return undefined;
  const ends = new Uint32Array(count);
  const checksums = new Uint32Array(count);
  const endsAt = start + runHeadBytes;
  const checksumsAt = endsAt + 4 * count;
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const end = view.getUint32(endsAt + 4 * i, true);
    if (end < previous) return undefined;
    previous = end;
    ends[i] = end;
    checksums[i] = view.getUint32(checksumsAt + 4 * i, true);
  }
  if (previous !== bytes) return undefined;
  return { first, count, epoch: { round, owner }, kind, body: bytes === 0 ? [] : [rest.subarray(0, bytes)], ends, checksums };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
