import { emptyBytes, ProtobufReader } from '@quorate/codec-protobuf/etcd';
import type { PutFields } from './txn.ts';
import { Status } from './status.ts';

const knownFields: readonly number[] = [1, 2, 3, 4, 5, 6];

/** Decodes puts one after the other into itself: the most frequent command makes no object but its views. */
export class PutDecoder implements PutFields {
  key: Uint8Array = emptyBytes;
  value: Uint8Array = emptyBytes;
  /** As the nearest double: only compared with 0. */
  lease = 0;
  prevKv = false;
  ignoreValue = false;
  ignoreLease = false;

  /** Reads the PutRequest behind the first `offset` bytes, and checks what needs no state. The fields are views of `bytes`. */
  decode(bytes: Uint8Array, offset: number): Status {
    this.key = this.value = emptyBytes;
    this.lease = 0;
    this.prevKv = this.ignoreValue = this.ignoreLease = false;
    try {
      const reader = new ProtobufReader(bytes);
      reader.pos = offset;
      while (reader.pos < bytes.length) this.readField(reader);
      if (reader.pos !== bytes.length) return Status.malformed;
    } catch {
      return Status.malformed; // The reader throws about its input only, and that is the client's.
    }
    if (this.key.length === 0) return Status.keyEmpty;
    if (this.ignoreValue && this.value.length > 0) return Status.valueProvided;
    return this.ignoreLease && this.lease !== 0 ? Status.leaseProvided : Status.ok;
  }

  private readField(reader: ProtobufReader): void {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        this.key = reader.bytes();
        break;
      case 18:
        this.value = reader.bytes();
        break;
      case 24:
        this.lease = reader.int64Value();
        break;
      case 32:
        this.prevKv = reader.bool();
        break;
      case 40:
        this.ignoreValue = reader.bool();
        break;
      case 48:
        this.ignoreLease = reader.bool();
        break;
      default:
        reader.unknownField(tag, knownFields);
    }
  }
}
