import type { ApplySink, SnapshotReader, Stamp, StateMachine } from '@quorate/interface';
import { ConformanceFailure } from '../conformance-failure.ts';
import { fingerprint } from '../difference.ts';
import { expectEqual, expectThat } from '../expectation.ts';
import type { StateMachineSubject } from './state-machine-subject.ts';

/** What one command did to the outside. */
export interface Outcome {
  /** Fingerprints of reply and events, in the order in which they came. */
  readonly stream: readonly string[];
  readonly threw: boolean;
}

/** One machine, driven as a replica drives it. */
export class MachineDriver {
  readonly machine: StateMachine;
  private readonly subject: StateMachineSubject;
  private ordinal = 0;

  constructor(subject: StateMachineSubject) {
    this.subject = subject;
    this.machine = subject.create();
  }

  /** Applies a command from a buffer that is used again afterwards, as the log's bytes may be, unless it is told to keep it. */
  apply(command: Uint8Array, awaited = true, keepsBytes = false): Outcome {
    this.ordinal++;
    const stamp: Stamp = { clusterMs: this.ordinal * 10, wallMs: 0, ordinal: this.ordinal, index: this.ordinal + 3 };
    const outside = new Outside(awaited, this.subject.eventData ?? ((event) => event));
    const scratch = Uint8Array.from(command);
    let threw = false;
    try {
      this.machine.apply(scratch, stamp, outside);
    } catch {
      threw = true;
    }
    outside.close();
    expectEqual(scratch, command, 'apply leaves the shared bytes of the command alone');
    if (!keepsBytes) scratch.fill(0xee);
    return { stream: outside.stream, threw };
  }

  applyAll(commands: readonly Uint8Array[]): Outcome[] {
    return commands.map((command) => this.apply(command));
  }

  /** The answers of all queries. */
  answers(): string[] {
    return this.subject.queries.map((query) => {
      const request = Uint8Array.from(query);
      const result = this.machine.query(request);
      const text = fingerprint(result);
      expectEqual(request, query, 'query leaves the request alone');
      // The result is the caller's.
      result.fill(0xee);
      request.fill(0xee);
      return text;
    });
  }

  /** The bytes of a snapshot of this moment. */
  snapshot(maxBytes = 4_096): Uint8Array {
    return readAll(this.machine.snapshot(), maxBytes);
  }

  /** Everything that shows of the state. */
  state(): { readonly answers: readonly string[]; readonly snapshot: Uint8Array } {
    return { answers: this.answers(), snapshot: this.snapshot() };
  }

  /** Restores from the bytes, in chunks through one buffer that is used again. Stamps go on from those of `like`. */
  restore(bytes: Uint8Array, chunkBytes: number, like?: MachineDriver): void {
    const sink = this.machine.restore();
    const scratch = new Uint8Array(chunkBytes);
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const count = Math.min(chunkBytes, bytes.length - at);
      scratch.set(bytes.subarray(at, at + count));
      sink.write(scratch.subarray(0, count));
      scratch.fill(0xee);
    }
    sink.finish();
    if (like !== undefined) this.ordinal = like.ordinal;
  }
}

/** Where replies and events go. What is wrong with them is told by `close`: a machine must not be able to swallow it. */
class Outside implements ApplySink {
  readonly awaited: boolean;
  readonly stream: string[] = [];
  private readonly eventData: (event: object) => object;
  private readonly broken: string[] = [];
  private replies = 0;
  private open = true;

  constructor(awaited: boolean, eventData: (event: object) => object) {
    this.awaited = awaited;
    this.eventData = eventData;
  }

  reply(result: Uint8Array): void {
    if (!this.open) throw new ConformanceFailure('a reply comes before apply returns');
    if (++this.replies > 1) this.broken.push('a command is answered at most once');
    this.stream.push(`reply ${fingerprint(result)}`);
    // The bytes belong to the sink, which may do with them what it likes.
    result.fill(0xee);
  }

  emit(event: object): void {
    if (!this.open) throw new ConformanceFailure('an event comes before apply returns');
    try {
      this.stream.push(`event ${fingerprint(this.eventData(event))}`);
    } catch (error) {
      this.broken.push(`an event is plain data, or eventData makes it so (${String(error)})`);
    }
  }

  close(): void {
    this.open = false;
    expectEqual(this.broken, [], 'replies and events follow the contract');
  }
}

/** Reads a snapshot to its end, and closes it. */
export function readAll(reader: SnapshotReader, maxBytes: number): Uint8Array {
  const bytes: number[] = [];
  for (let chunk = reader.next(maxBytes); chunk !== undefined; chunk = reader.next(maxBytes)) take(bytes, chunk, maxBytes);
  expectThat(reader.next(maxBytes) === undefined, 'the end of a snapshot is its end');
  reader.close();
  return Uint8Array.from(bytes);
}

/** Adds a chunk of a snapshot to those before. */
export function take(bytes: number[], chunk: Uint8Array, maxBytes: number): void {
  expectThat(chunk.length > 0, 'a chunk of a snapshot is not empty: that would never end');
  expectThat(chunk.length <= maxBytes, `a chunk of a snapshot has at most the bytes asked for (${chunk.length} of ${maxBytes})`);
  for (const byte of chunk) bytes.push(byte);
}
