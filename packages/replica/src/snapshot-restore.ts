import { failure, isFailure } from '@quorate/interface';
import type { Failure, SnapshotMeta, SnapshotSink } from '@quorate/interface';
import { MemberStop } from './member.ts';
import type { Member } from './member.ts';
import { SnapshotDecoder } from './replica-snapshot.ts';
import type { RestoredState } from './replica-snapshot.ts';

const readBytes = 256 * 1024;
/** Given to the state machine at a time, so that a look at the clock is never far. */
const feedBytes = 32 * 1024;

/** Puts the state of one finished snapshot into the state machine, in slices; the old state stays until the end. */
export class SnapshotRestore<M> {
  doneBytes = 0;
  private readonly member: Member<M>;
  private readonly meta: SnapshotMeta;
  private readonly done: (state: RestoredState) => void;
  private readonly decoder: SnapshotDecoder;
  private readonly target: SnapshotSink;
  private chunk: Uint8Array = new Uint8Array(0);
  private over = false;

  /** `done` is called inside a turn. Damage ends the member: there is no other copy of the state here. */
  constructor(member: Member<M>, meta: SnapshotMeta, done: (state: RestoredState) => void) {
    this.member = member;
    this.meta = meta;
    this.done = done;
    const { stateMachine, host } = member.options;
    if (meta.stateMachine !== stateMachine.name || meta.version > stateMachine.version) {
      throw new MemberStop(foreign(meta, `${stateMachine.name} of version ${stateMachine.version}`));
    }
    this.target = stateMachine.restore();
    this.decoder = new SnapshotDecoder(host.crc32, (bytes) => this.target.write(bytes));
  }

  begin(): void {
    this.read();
  }

  /** Nothing of it reaches the state machine any more, and its file may go. */
  cancel(): void {
    this.over = true;
  }

  private read(): void {
    const { member, meta } = this;
    member.options.storage.snapshots.read(meta.id, this.doneBytes, readBytes, (chunk) =>
      member.post(() => {
        if (this.over) return;
        if (isFailure(chunk)) throw new MemberStop(chunk);
        this.doneBytes += chunk.length;
        this.chunk = chunk;
        if (chunk.length === 0) this.finish();
        else this.feed();
      }),
    );
  }

  private feed(): void {
    if (this.over) return;
    const until = this.member.now() + this.member.options.limits.sliceMs;
    while (this.chunk.length > 0) {
      const bytes = this.chunk.subarray(0, feedBytes);
      this.chunk = this.chunk.subarray(bytes.length);
      if (!this.decoder.write(bytes)) throw new MemberStop(damaged(this.meta));
      if (this.chunk.length > 0 && this.member.now() >= until) {
        this.member.post(() => this.feed());
        return;
      }
    }
    this.read();
  }

  private finish(): void {
    const { state } = this.decoder;
    if (!this.decoder.finish() || state === undefined || state.ordinal !== this.meta.ordinal) {
      throw new MemberStop(damaged(this.meta));
    }
    this.target.finish();
    this.done(state);
  }
}

function damaged(meta: SnapshotMeta): Failure {
  return failure('E_SNAP_DAMAGED', `snapshot ${meta.id} is damaged. Keep the data directory and replace this member.`, 65);
}

function foreign(meta: SnapshotMeta, own: string): Failure {
  const text = `snapshot ${meta.id} is of ${meta.stateMachine} version ${meta.version}, this program has ${own}. Use a newer program.`;
  return failure('E_VERSION', text, 65);
}
