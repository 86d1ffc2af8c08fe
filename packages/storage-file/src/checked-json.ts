import { decodeText, encodeText } from '@quorate/interface';
import type { Crc32 } from '@quorate/interface';

/** A value as a line of JSON and a line with its CRC-32: readable, and damage shows. */
export function encodeChecked(value: object, crc32: Crc32): Uint8Array {
  const line = JSON.stringify(value);
  return encodeText(`${line}\n${hex(crc32(encodeText(line), 0))}\n`);
}

/** Reads it back; undefined where it is damaged. */
export function parseChecked(bytes: Uint8Array, crc32: Crc32): object | undefined {
  const text = decodeText(bytes);
  const [line, sum, end, more] = text?.split('\n') ?? [];
  if (line === undefined || sum !== hex(crc32(encodeText(line), 0)) || end !== '' || more !== undefined) return undefined;
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // Not written by us, although the checksum fits: as good as damaged.
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
