import { lockReplyCodec } from '@quorate/codec-protobuf/lock';
import type { ApplySink, SnapshotReader, SnapshotSink, Stamp, StateMachine, Tenure } from '@quorate/interface';
import { refusalNumber } from './refusal.ts';

/** The lock service under the log: commands, queries and answers are those of `@quorate/codec-protobuf/lock`. */
export interface LockStateMachine extends StateMachine {
  duties(tenure: Tenure | undefined): void;
  /** CRC-32 of the whole state: equal on all members that applied the same commands. Reads everything; for tests and tools. */
  stateHash(): number;
}

/** Sessions and locks with fencing tokens. Events are `LockEvent`s. Never throws on a command or query, whatever its bytes. */
export function lockStateMachine(): LockStateMachine {
  return new LockMachine();
}

class LockMachine implements LockStateMachine {
  readonly name = 'lock';
  readonly version = 1;

  apply(_command: Uint8Array, _stamp: Stamp, out: ApplySink): void {
    out.reply(this.query(_command));
  }

  query(_request: Uint8Array): Uint8Array {
    return lockReplyCodec.encode({ kind: 'refused', code: refusalNumber('E_MALFORMED') });
  }

  duties(_tenure: Tenure | undefined): void {}

  snapshot(): SnapshotReader {
    return { next: () => undefined, close() {} };
  }

  restore(): SnapshotSink {
    return { write() {}, finish() {} };
  }

  stateHash(): number {
    return 0;
  }
}
