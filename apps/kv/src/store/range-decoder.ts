import { emptyBytes, ProtobufReader, type RangeRequest } from '@quorate/codec-protobuf/etcd';
import { checkRange } from './range.ts';
import { Status } from './status.ts';

const knownFields: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

/** Decodes ranges one after the other into itself: the most frequent query makes no object but its views. */
export class RangeDecoder implements RangeRequest {
  key: Uint8Array = emptyBytes;
  rangeEnd: Uint8Array = emptyBytes;
  limit = 0;
  revision = 0;
  sortOrder = 0;
  sortTarget = 0;
  serializable = false;
  keysOnly = false;
  countOnly = false;
  minModRevision = 0;
  maxModRevision = 0;
  minCreateRevision = 0;
  maxCreateRevision = 0;

  /** Reads the RangeRequest behind the first `offset` bytes, and checks what needs no state. The fields are views of `bytes`. */
  decode(bytes: Uint8Array, offset: number): Status {
    this.clear();
    try {
      const reader = new ProtobufReader(bytes);
      reader.pos = offset;
      while (reader.pos < bytes.length) {
        const tag = reader.tag();
        if (!this.readOption(reader, tag) && !this.readBound(reader, tag)) reader.unknownField(tag, knownFields);
      }
      if (reader.pos !== bytes.length) return Status.malformed;
    } catch {
      return Status.malformed; // The reader throws about its input only, and that is the client's.
    }
    return checkRange(this);
  }

  private clear(): void {
    this.key = this.rangeEnd = emptyBytes;
    this.limit = this.revision = this.sortOrder = this.sortTarget = 0;
    this.serializable = this.keysOnly = this.countOnly = false;
    this.minModRevision = this.maxModRevision = this.minCreateRevision = this.maxCreateRevision = 0;
  }

  private readOption(reader: ProtobufReader, tag: number): boolean {
    switch (tag) {
      case 10:
        this.key = reader.bytes();
        return true;
      case 18:
        this.rangeEnd = reader.bytes();
        return true;
      case 40:
        this.sortOrder = reader.int32();
        return true;
      case 48:
        this.sortTarget = reader.int32();
        return true;
      case 56:
        this.serializable = reader.bool();
        return true;
      case 64:
        this.keysOnly = reader.bool();
        return true;
      case 72:
        this.countOnly = reader.bool();
        return true;
      default:
        return false;
    }
  }

  private readBound(reader: ProtobufReader, tag: number): boolean {
    switch (tag) {
      case 24:
        this.limit = reader.int64Value();
        return true;
      case 32:
        this.revision = reader.int64Value();
        return true;
      case 80:
        this.minModRevision = reader.int64Value();
        return true;
      case 88:
        this.maxModRevision = reader.int64Value();
        return true;
      case 96:
        this.minCreateRevision = reader.int64Value();
        return true;
      case 104:
        this.maxCreateRevision = reader.int64Value();
        return true;
      default:
        return false;
    }
  }
}
