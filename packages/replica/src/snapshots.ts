import { isFailure } from '@quorate/interface';
import type { Failure, Index, SnapshotMeta, SnapshotReader, SnapshotWriter, WriteNumber } from '@quorate/interface';
import type { Apply } from './apply.ts';
import type { Member } from './member.ts';
import { encodeReplicaState, snapshotResidue, snapshotTrailerBytes } from './replica-snapshot.ts';
import { SnapshotRestore } from './snapshot-restore.ts';

const pullBytes = 64 * 1024;
const writeBytes = 512 * 1024;
/**
 * A snapshot costs about as much per byte as a command does: one for each byte of journal took a quarter of the throughput of puts. So the
 * journal may grow by this many times the size of the last one, and a restart reads as much.
 */
const growthFactor = 2;
/** While a snapshot is taken, its slices take one part in this many of the time: the rest is for commands. */
const shareOfTime = 4;
/** A snapshot that a peer reads is kept this long after its last request, although a newer one is current. */
const keepServedMs = 30_000;

/** A snapshot being written. */
interface Taking {
  readonly meta: SnapshotMeta;
  readonly reader: SnapshotReader;
  writer: SnapshotWriter | undefined;
  checksum: number;
  bytes: number;
  /** A write or finish is under way. */
  busy: boolean;
  /** The next slice is not read before. */
  restUntilMs: number;
  /** What is written next; reused once it is written. */
  readonly buffer: Uint8Array;
  first: Uint8Array | undefined;
}

/**
 * Which snapshot is current, when the next one is taken, and what becomes of the state when the core marks a received one.
 * The mark in the journal is the only truth: the state is replaced once the batch with the mark is durable, and not before.
 */
export class Snapshots<M> {
  /** The newest one whose mark is durable. */
  current: SnapshotMeta | undefined;
  /** Finished ones that peers may read, by id. */
  readonly known: Map<string, SnapshotMeta> = new Map();
  readonly servedAtMs: Map<string, number> = new Map();
  /** The id of the one that is being pulled. */
  arriving: string | undefined;
  /** Called after the state was replaced. */
  onRestored: () => void = () => {};
  private readonly member: Member<M>;
  private readonly apply: Apply<M>;
  private marks: { meta: SnapshotMeta; gate: WriteNumber }[] = [];
  private taking: Taking | undefined;
  private restore: SnapshotRestore<M> | undefined;
  private restoring: SnapshotMeta | undefined;
  private lastIndex: Index = 0;
  private count = 0;
  private spacing = 0;

  constructor(member: Member<M>, apply: Apply<M>) {
    this.member = member;
    this.apply = apply;
    this.drawSpacing();
  }

  get doing(): 'nothing' | 'taking' | 'restoring' {
    return this.restoring !== undefined ? 'restoring' : this.taking === undefined ? 'nothing' : 'taking';
  }

  get doneBytes(): number {
    return this.restore?.doneBytes ?? this.taking?.bytes ?? 0;
  }

  /** Each member waits up to a quarter longer, so that they do not all write at once. */
  private drawSpacing(): void {
    const { host, snapshotCount } = this.member.options;
    this.spacing = snapshotCount + Math.floor(host.random() * (snapshotCount / 4 + 1));
  }

  /** What the journal's mark named at the start. */
  begin(meta: SnapshotMeta | undefined): void {
    this.current = meta;
    this.lastIndex = meta?.index ?? 0;
    if (meta !== undefined) this.known.set(meta.id, meta);
  }

  /** Once per turn: starts a snapshot that is due, or goes on with one. */
  work(pulling: boolean): void {
    if (this.taking !== undefined) this.pull(this.taking);
    else if (!pulling && this.isDue()) this.take();
  }

  /** When the next slice of a snapshot that is being taken may be read. */
  nextDeadlineMs(): number {
    const { taking } = this;
    return taking === undefined || taking.busy ? Number.POSITIVE_INFINITY : taking.restUntilMs;
  }

  private isDue(): boolean {
    const { member, apply } = this;
    if (apply.applied - this.lastIndex < this.spacing || this.restoring !== undefined || this.marks.length > 0) return false;
    if (member.state !== 'running') return false;
    const grown = Math.max((this.current?.bytes ?? 0) * growthFactor, member.options.limits.snapshotGrowthBytes);
    return member.options.storage.journal.grownBytes() >= grown;
  }

  private take(): void {
    const { member, apply } = this;
    const { core, identity } = member;
    if (core === undefined || identity === undefined) return;
    const { stateMachine, storage, self } = member.options;
    this.count += 1;
    const base = core.metaAt(apply.applied);
    const meta: SnapshotMeta = {
      id: `s${base.index}-m${self}-i${identity.incarnation}-n${this.count}`,
      index: base.index,
      epoch: base.epoch,
      ordinal: apply.ordinal,
      configs: base.configs,
      core: base.core,
      stateMachine: stateMachine.name,
      version: stateMachine.version,
      bytes: 0,
    };
    const first = encodeReplicaState({
      ordinal: apply.ordinal,
      clusterMs: apply.clusterMs,
      wallMs: apply.wallMs,
      tenure: apply.tenure,
      sessions: apply.sessions.list(),
    });
    const taking: Taking = {
      meta,
      reader: stateMachine.snapshot(),
      writer: undefined,
      checksum: 0,
      bytes: 0,
      busy: true,
      restUntilMs: 0,
      buffer: new Uint8Array(writeBytes + pullBytes),
      first,
    };
    this.taking = taking;
    this.lastIndex = base.index;
    this.drawSpacing();
    storage.snapshots.writer(meta, false, (writer) =>
      member.post(() => {
        if (isFailure(writer)) this.giveUp(taking, writer);
        else if (this.taking !== taking) writer.abort();
        else {
          taking.writer = writer;
          taking.busy = false;
        }
      }),
    );
  }

  /** One slice of reading and one write. */
  private pull(taking: Taking): void {
    const nowMs = this.member.now();
    if (taking.busy || taking.writer === undefined || nowMs < taking.restUntilMs) return;
    const { host, limits } = this.member.options;
    const { first, buffer } = taking;
    if (first !== undefined) {
      taking.first = undefined;
      taking.checksum = host.crc32(first, taking.checksum);
      return this.write(taking, first, false);
    }
    let bytes = 0;
    let ended = false;
    while (!ended && bytes < writeBytes) {
      const piece = taking.reader.next(pullBytes);
      ended = piece === undefined;
      if (piece !== undefined) buffer.set(piece, bytes);
      bytes += piece?.length ?? 0;
      if (this.member.now() >= nowMs + limits.sliceMs) break;
    }
    taking.checksum = host.crc32(buffer.subarray(0, bytes), taking.checksum);
    if (ended) {
      new DataView(buffer.buffer).setUint32(bytes, taking.checksum, true);
      bytes += snapshotTrailerBytes;
      taking.reader.close();
    }
    const spentMs = this.member.now() - nowMs;
    taking.restUntilMs = nowMs + spentMs * shareOfTime;
    this.write(taking, buffer.subarray(0, bytes), ended);
  }

  private write(taking: Taking, chunk: Uint8Array, last: boolean): void {
    const { member } = this;
    taking.busy = true;
    taking.bytes += chunk.length;
    taking.writer?.write(chunk, (problem) =>
      member.post(() => {
        if (this.taking !== taking) return;
        taking.busy = false;
        if (problem !== undefined) this.giveUp(taking, problem);
        else if (last) this.finish(taking);
      }),
    );
  }

  private finish(taking: Taking): void {
    const { member } = this;
    taking.busy = true;
    taking.writer?.finish(snapshotResidue, (result) =>
      member.post(() => {
        if (this.taking !== taking) return;
        if (isFailure(result)) {
          this.giveUp(taking, result);
          return;
        }
        this.taking = undefined;
        this.known.set(result.id, result);
        member.counters.snapshotsTaken += 1;
        member.emit({ type: 'snapshot', stage: 'taken', meta: result });
        member.step({ type: 'snapshotTaken', meta: result });
      }),
    );
  }

  /** A snapshot that cannot be written is no reason to stop: the log still holds everything. The next one is tried in its turn. */
  private giveUp(taking: Taking, problem: Failure): void {
    if (this.taking !== taking) return;
    this.abandon();
    this.member.emit({ type: 'snapshot', stage: 'failed', meta: taking.meta });
    this.member.log('error', `${problem.code}: snapshot ${taking.meta.id} was given up: ${problem.text}`);
  }

  /** Stops taking; nothing happens where none is being taken. */
  abandon(): void {
    this.taking?.reader.close();
    this.taking?.writer?.abort();
    this.taking = undefined;
  }

  /** The core wrote a mark in batch `gate`. Nothing is applied from the old log any more if the snapshot is ahead of the state. */
  marked(meta: SnapshotMeta, gate: WriteNumber): void {
    this.marks.push({ meta, gate });
    if (meta.index > this.apply.applied) this.apply.paused = true;
  }

  release(durable: WriteNumber): void {
    while (this.marks.length > 0 && (this.marks[0] as { gate: WriteNumber }).gate <= durable) {
      const { meta } = this.marks.shift() as { meta: SnapshotMeta };
      this.current = meta;
      this.lastIndex = Math.max(this.lastIndex, meta.index);
      this.known.set(meta.id, meta);
      if (meta.index > this.apply.applied) this.install(meta);
      this.removeOld();
    }
  }

  private install(meta: SnapshotMeta): void {
    this.abandon();
    // An older one that is under way must not replace the state behind the newer one.
    this.restore?.cancel();
    this.restoring = meta;
    this.restore = new SnapshotRestore(this.member, meta, (state) => {
      this.restoring = undefined;
      this.restore = undefined;
      this.apply.restored(meta.index, state);
      this.apply.paused = this.marks.some((mark) => mark.meta.index > meta.index);
      this.member.emit({ type: 'snapshot', stage: 'restored', meta });
      this.member.step({ type: 'applied', index: meta.index });
      this.onRestored();
    });
    this.restore.begin();
  }

  /** Files that no mark names go, except what a peer is still reading. */
  private removeOld(): void {
    const { member } = this;
    const now = member.now();
    const keep = new Set<string>();
    if (this.current !== undefined) keep.add(this.current.id);
    for (const { meta } of this.marks) keep.add(meta.id);
    if (this.arriving !== undefined) keep.add(this.arriving);
    // Finished and ahead: the core may be about to mark it.
    for (const { id, index } of this.known.values()) if (index > (this.current?.index ?? 0)) keep.add(id);
    if (this.taking !== undefined) keep.add(this.taking.meta.id);
    for (const [id, servedAt] of this.servedAtMs) {
      if (now - servedAt < keepServedMs && this.known.has(id)) keep.add(id);
      else this.servedAtMs.delete(id);
    }
    for (const id of this.known.keys()) if (!keep.has(id)) this.known.delete(id);
    member.options.storage.snapshots.removeAllBut([...keep]);
  }
}
