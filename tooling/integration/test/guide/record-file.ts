import fs from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from '@quorate/interface';

const headBytes = 8;

/** A file of records, each behind its length and its CRC-32. Append-only. */
export class RecordFile {
  readonly #file: number;

  /** Opens the file and hands out what it holds. A torn record ends it: it was never acknowledged, and is cut off. */
  constructor(path: string, take: (record: unknown) => void) {
    this.#file = fs.openSync(path, 'a+');
    const bytes = fs.readFileSync(path);
    let end = 0;
    for (;;) {
      if (end + headBytes > bytes.length) break;
      const length = bytes.readUInt32LE(end);
      const body = bytes.subarray(end + headBytes, end + headBytes + length);
      if (body.length < length || crc32(body, 0) !== bytes.readUInt32LE(end + 4)) break;
      take(deserialize(body));
      end += headBytes + length;
    }
    if (end < bytes.length) {
      fs.ftruncateSync(this.#file, end);
      fs.fsyncSync(this.#file);
    }
  }

  /** One write and one sync for all of them: durable when this returns. */
  append(records: readonly unknown[]): void {
    const chunks: Uint8Array[] = [];
    for (const record of records) {
      const body = serialize(record);
      const head = Buffer.alloc(headBytes);
      head.writeUInt32LE(body.length, 0);
      head.writeUInt32LE(crc32(body, 0), 4);
      chunks.push(head, body);
    }
    fs.writeSync(this.#file, Buffer.concat(chunks));
    fs.fdatasyncSync(this.#file);
  }

  close(): void {
    fs.closeSync(this.#file);
  }
}
