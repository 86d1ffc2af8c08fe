import type { SessionRecord } from '@quorate/codec-protobuf/lock';
import type { Recorded } from '../moments.ts';

/** A client's continuity: what belongs to it lives as long as it is renewed. */
export class Session implements Recorded {
  readonly born: number;
  /** The ordinal of the command that opened it. */
  readonly id: number;
  readonly ttlMs: number;
  readonly name: string;
  readonly metadata: Uint8Array;
  /** The ordinal of the command that renewed it last. */
  renewal: number;

  constructor(born: number, fields: Omit<SessionRecord, 'kind'>) {
    this.born = born;
    this.id = fields.id;
    this.ttlMs = fields.ttlMs;
    this.name = fields.name;
    this.metadata = fields.metadata;
    this.renewal = fields.renewal;
  }

  record(): SessionRecord {
    const { id, ttlMs, renewal, name, metadata } = this;
    return { kind: 'session', id, ttlMs, renewal, name, metadata };
  }
}
