import { isFailure } from '@quorate/interface';
import type { LinkId, MemberId, SnapshotChunk, SnapshotMeta, SnapshotWriter } from '@quorate/interface';
import type { Links } from './links.ts';
import type { Member } from './member.ts';
import { snapshotResidue } from './replica-snapshot.ts';
import type { Snapshots } from './snapshots.ts';

/** A snapshot on its way here. */
interface Pull {
  readonly meta: SnapshotMeta;
  writer: SnapshotWriter | undefined;
  offset: number;
  /** Who is asked; the core named the first. */
  peer: MemberId;
  /** Members that said they do not have it. */
  readonly without: Set<MemberId>;
  /** The request under way; 0: none. */
  link: LinkId;
  askedAtMs: number;
  writing: boolean;
}

/**
 * Pulls the snapshot that the core wants, chunk by chunk, from the named peer or from any member that has it. What was written is kept
 * over lost links and restarts. One request is under way at a time: a chunk is large enough to keep a link busy.
 */
export class SnapshotPull<M> {
  private readonly member: Member<M>;
  private readonly links: Links<M>;
  private readonly snapshots: Pick<Snapshots<M>, 'known' | 'arriving'>;
  private pull: Pull | undefined;

  constructor(member: Member<M>, links: Links<M>, snapshots: Pick<Snapshots<M>, 'known' | 'arriving'>) {
    this.member = member;
    this.links = links;
    this.snapshots = snapshots;
  }

  get meta(): SnapshotMeta | undefined {
    return this.pull?.meta;
  }

  get doneBytes(): number {
    return this.pull?.offset ?? 0;
  }

  receive(peer: MemberId, meta: SnapshotMeta): void {
    if (this.pull?.meta.id === meta.id) {
      this.pull.peer = peer;
      this.pull.without.delete(peer);
      this.ask(this.pull);
      return;
    }
    this.cancel();
    const { member } = this;
    const pull: Pull = {
      meta,
      writer: undefined,
      offset: 0,
      peer,
      without: new Set(),
      link: 0,
      askedAtMs: 0,
      writing: true,
    };
    this.pull = pull;
    this.snapshots.arriving = meta.id;
    member.options.storage.snapshots.writer(meta, true, (writer) =>
      member.post(() => {
        if (isFailure(writer)) this.giveUp(pull, `${writer.code}: ${writer.text}`);
        else if (this.pull !== pull) writer.abort();
        else {
          pull.writer = writer;
          pull.offset = writer.offset;
          pull.writing = false;
          this.proceed(pull);
        }
      }),
    );
  }

  cancel(): void {
    this.pull?.writer?.abort();
    this.pull = undefined;
    this.snapshots.arriving = undefined;
  }

  private proceed(pull: Pull): void {
    if (pull.offset >= pull.meta.bytes) this.finish(pull);
    else this.ask(pull);
  }

  private ask(pull: Pull): void {
    const { member, links } = this;
    if (pull.writing || pull.link !== 0) return;
    // Whoever was silent or had nothing is asked again rather than nobody.
    if (this.source(pull) === undefined) pull.without.clear();
    const peer = this.source(pull);
    if (peer === undefined) return; // Nobody is there: a new link asks again.
    const link = links.linkOf(peer);
    if (link === undefined) return;
    pull.link = link;
    pull.askedAtMs = member.now();
    const maxBytes = member.options.limits.snapshotChunkBytes;
    links.sendRuntime(link, 'bulk', { kind: 'snapshot-read', id: pull.meta.id, offset: pull.offset, maxBytes }, []);
  }

  /** The named peer while it is there, else any other that did not deny having it. */
  private source(pull: Pull): MemberId | undefined {
    if (!pull.without.has(pull.peer) && this.links.linkOf(pull.peer) !== undefined) return pull.peer;
    for (const peer of this.links.peers()) if (!pull.without.has(peer)) return peer;
    return undefined;
  }

  /** False: a correct member cannot have sent this. */
  chunk(link: LinkId, peer: MemberId, message: SnapshotChunk, bytes: Uint8Array): boolean {
    const { pull, member } = this;
    if (pull === undefined || pull.meta.id !== message.id || pull.link !== link || pull.offset !== message.offset) return true;
    pull.link = 0;
    if (message.total === 0) {
      pull.without.add(peer);
      if (this.source(pull) === undefined) this.giveUp(pull, 'E_SNAP_GONE: no member that is linked has it any more');
      else this.ask(pull);
      return true;
    }
    const fits = bytes.length > 0 && bytes.length <= member.options.limits.snapshotChunkBytes;
    const inside = message.total === pull.meta.bytes && pull.offset + bytes.length <= pull.meta.bytes;
    if (!fits || !inside || member.options.host.crc32(bytes, 0) !== message.checksum) return false;
    pull.writing = true;
    pull.writer?.write(bytes, (problem) =>
      member.post(() => {
        if (this.pull !== pull) return;
        pull.writing = false;
        if (problem !== undefined) {
          this.giveUp(pull, `${problem.code}: ${problem.text}`);
          return;
        }
        pull.offset += bytes.length;
        this.proceed(pull);
      }),
    );
    return true;
  }

  private finish(pull: Pull): void {
    const { member } = this;
    pull.writing = true;
    pull.writer?.finish(snapshotResidue, (result) =>
      member.post(() => {
        if (this.pull !== pull) return;
        if (isFailure(result)) {
          this.giveUp(pull, `${result.code}: ${result.text}`);
          return;
        }
        this.pull = undefined;
        this.snapshots.arriving = undefined;
        this.snapshots.known.set(result.id, result);
        member.counters.snapshotsReceived += 1;
        member.emit({ type: 'snapshot', stage: 'received', meta: result });
        // The core decides what this means for its log, and writes the mark; only then the state is replaced.
        member.step({ type: 'snapshotReceived', meta: result });
      }),
    );
  }

  private giveUp(pull: Pull, why: string): void {
    if (this.pull !== pull) return;
    this.cancel();
    this.member.log('warn', `${why}. Snapshot ${pull.meta.id} is not pulled; the leader offers another one.`);
    this.member.emit({ type: 'snapshot', stage: 'failed', meta: pull.meta });
    this.member.step({ type: 'snapshotFailed', meta: pull.meta });
  }

  linkUp(): void {
    if (this.pull !== undefined) this.ask(this.pull);
  }

  linkDown(link: LinkId): void {
    const { pull } = this;
    if (pull === undefined || pull.link !== link) return;
    pull.link = 0;
    this.ask(pull);
  }

  /** Asks another member where one has been silent for too long. */
  expire(now: number): void {
    const { pull } = this;
    if (pull === undefined || pull.link === 0 || now < this.nextDeadlineMs()) return;
    const silent = this.links.peerOf(pull.link);
    pull.link = 0;
    if (silent !== undefined) pull.without.add(silent);
    this.ask(pull);
  }

  nextDeadlineMs(): number {
    const { pull } = this;
    if (pull === undefined || pull.link === 0) return Number.POSITIVE_INFINITY;
    return pull.askedAtMs + this.member.options.limits.snapshotPatienceMs;
  }
}
