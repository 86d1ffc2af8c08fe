import { compareEpochs, lastOf, payloadBytes, payloadOf } from '@quorate/interface';
import type {
  CoreKind,
  CoreStatus,
  Effects,
  EntryBatch,
  Index,
  JournalBatch,
  LinkId,
  ProposalRun,
  RoleChange,
  WriteNumber,
} from '@quorate/interface';
import { differenceOf, fingerprint } from '../difference.ts';
import { expectEqual, expectThat } from '../expectation.ts';
import { entryAt, type ModelDisk } from './model-disk.ts';

/** What the rules may know of the member. */
export interface LifeContext {
  readonly self: number;
  readonly disk: ModelDisk;
  readonly kind: Pick<CoreKind<never>, 'abilities'>;
  /** Snapshots that are durable in this member's store. */
  hasSnapshot(id: string): boolean;
  /** Everything up to here was released to be applied. */
  appliedIndex(): Index;
  /** Whether what is given away is kept, to be looked at again at the end. */
  readonly audit: boolean;
}

const lanes: ReadonlySet<string> = new Set(['control', 'log', 'bulk']);
const reasons: ReadonlySet<string> = new Set(['not-leader', 'not-ready', 'overloaded', 'transferring']);

/** The rules of one core's life, looked at in every drain of every case. */
export class LifeRules<M> {
  writeNumber: WriteNumber = 0;
  private readonly context: LifeContext;
  private readonly linksSeen: Set<LinkId> = new Set();
  private readonly open: Map<number, ProposalRun> = new Map();
  private readonly reads: Map<number, Index> = new Map();
  private commitHint: Index = 0;
  private commit: Effects<M>['commit'] = { index: 0, gate: 0 };
  private role: RoleChange;
  private readonly fetches: Set<number> = new Set();
  private readonly given: { readonly value: unknown; readonly fingerprint: string }[] = [];

  constructor(context: LifeContext, status: CoreStatus) {
    this.context = context;
    this.role = status.role;
  }

  noteLink(link: LinkId): void {
    this.linksSeen.add(link);
  }

  noteProposals(run: ProposalRun): void {
    this.open.set(run.firstId, run);
  }

  /** `floor`: what may have been acknowledged to somebody when the read was asked. */
  noteRead(context: number, floor: Index): void {
    this.reads.set(context, floor);
  }

  get openReads(): number {
    return this.reads.size;
  }

  /** `wasReady`: before the turn. The write is on the disk already. */
  check(effects: Effects<M>, status: CoreStatus, turn: { readonly wasReady: boolean; readonly now: number }): void {
    if (effects.write !== undefined) this.checkWrite(effects.write, status);
    for (const send of effects.sends) this.checkSend(send);
    for (const { link } of effects.closes) expectThat(this.linksSeen.has(link), `only links are closed that were up (${link})`);
    this.checkCommit(effects.commit, status);
    this.checkProposals(effects, turn.wasReady || status.role.ready);
    this.checkReads(effects, turn.now);
    this.checkFetches(effects);
    this.checkRole(effects.role, status);
    const { abilities } = this.context.kind;
    expectThat(abilities.outOfOrderChoice || effects.chosen.length === 0, 'chosen is only for cores that choose out of order');
    expectThat(effects.diverged === undefined, () => `a healthy group never diverges (${effects.diverged})`);
    expectThat(!Number.isNaN(effects.nextDeadline), 'nextDeadline is a time, or Infinity');
    expectThat(effects.trace.length === 0, 'nothing is traced where nobody listens');
    if (!this.context.audit) return;
    for (const value of [
      effects.write,
      ...effects.sends.map(({ message }) => message),
      ...effects.sends.map(({ entries }) => entries),
    ])
      if (value !== undefined) this.given.push({ value, fingerprint: fingerprint(value) });
  }

  /** Fails where something that was handed out was changed afterwards. */
  verifyGiven(): void {
    for (const { value, fingerprint: before } of this.given)
      expectThat(
        fingerprint(value) === before,
        () => `what effects hold is given away, and never changed again (${before.slice(0, 120)})`,
      );
  }

  private checkWrite(write: JournalBatch, status: CoreStatus): void {
    const { snapshotMark, truncateFrom, entries, compactBelow, commit } = write;
    this.writeNumber++;
    for (const run of entries) checkEntries(run);
    expectThat(commit >= this.commitHint, `the commit hint of a batch never falls (${commit} after ${this.commitHint})`);
    expectThat(commit <= status.commit, `the commit hint of a batch is committed (${commit} of ${status.commit})`);
    this.commitHint = commit;
    if (snapshotMark !== undefined)
      expectThat(
        this.context.hasSnapshot(snapshotMark.id),
        `only a snapshot is marked that is durable here (${snapshotMark.id})`,
      );
    if (truncateFrom !== undefined && snapshotMark === undefined)
      expectThat(
        truncateFrom > this.commit.index,
        `what is committed is never truncated (${truncateFrom}, commit ${this.commit.index})`,
      );
    if (compactBelow === undefined) return;
    const mark = this.context.disk.latest.snapshot?.index ?? 0;
    expectThat(
      compactBelow <= mark + 1,
      `nothing is compacted that the marked snapshot does not hold (${compactBelow}, snapshot ${mark})`,
    );
  }

  private checkSend({ links, lane, gate, entries }: Effects<M>['sends'][number]): void {
    expectThat(links.length > 0 && new Set(links).size === links.length, 'a send names links, each once');
    for (const link of links) expectThat(this.linksSeen.has(link), `a send names links that were up (${link})`);
    expectThat(lanes.has(lane), `a send has a lane (${lane})`);
    expectThat(this.isWrite(gate), `a send waits for a write that was handed out (gate ${gate}, written ${this.writeNumber})`);
    for (const run of entries) checkEntries(run);
  }

  private checkCommit(commit: Effects<M>['commit'], status: CoreStatus): void {
    const { index, gate } = commit;
    expectThat(index >= this.commit.index, `the commit cursor never falls (${index} after ${this.commit.index})`);
    expectThat(
      this.isWrite(gate),
      `the commit cursor waits for a write that was handed out (gate ${gate}, written ${this.writeNumber})`,
    );
    this.commit = commit;
    const { latest } = this.context.disk;
    const held = Math.max(this.context.appliedIndex(), latest.snapshot?.index ?? 0);
    for (let i = held + 1; i <= index; i++) entryAt(latest, i);
    const { first, last } = status;
    expectThat(!latest.entries.has(last + 1), `the disk holds nothing beyond the end of the log (${last})`);
    expectThat(
      first <= last + 1 && status.applied <= status.commit,
      () => `status is consistent (${fingerprint({ first, last, status })})`,
    );
  }

  private checkProposals(effects: Effects<M>, mayAppend: boolean): void {
    for (const { first, count, index, epoch } of effects.appended) {
      const run = this.answered(first, count);
      expectThat(mayAppend, 'proposals are accepted by a ready leader only');
      for (let i = 0; i < count; i++) {
        const entry = entryAt(this.context.disk.latest, index + i);
        expectEqual(
          payloadOf(entry, index + i),
          payloadOf({ ...run, first: 0, epoch, kind: 'command' }, i),
          'a proposal is appended as it is',
        );
        expectEqual(
          [entry.kind, entry.epoch, entry.checksums[0]],
          ['command', epoch, run.checksums[i]],
          'with its epoch and checksum',
        );
      }
    }
    for (const { first, count, reason } of effects.rejected) {
      this.answered(first, count);
      expectThat(reasons.has(reason), `a proposal is rejected for a reason (${reason})`);
    }
    expectEqual([...this.open.keys()], [], 'every run of proposals is appended or rejected by the end of the turn');
  }

  /** A run is answered once, and whole. */
  private answered(first: number, count: number): ProposalRun {
    const run = this.open.get(first);
    expectThat(run !== undefined && run.count === count, `a run of proposals is answered once and whole (${first}, ${count})`);
    this.open.delete(first);
    return run;
  }

  private checkReads(effects: Effects<M>, now: number): void {
    for (const { context, index, method, validUntil } of effects.reads) {
      const floor = this.reads.get(context);
      expectThat(floor !== undefined, `a read is answered once, and only if it was asked (context ${context})`);
      this.reads.delete(context);
      if (index === undefined) continue;
      expectThat(
        index >= floor,
        `a read point is not before what was acknowledged when it was asked (${index}, acknowledged ${floor}, ${method})`,
      );
      expectThat(validUntil >= now, 'a read point is valid when it is told');
    }
  }

  private checkFetches(effects: Effects<M>): void {
    for (const { fetch, range, maxBytes } of effects.fetches) {
      expectThat(!this.fetches.has(fetch), `a fetch has a number of its own (${fetch})`);
      this.fetches.add(fetch);
      expectThat(range.from >= 1 && range.from <= range.to && maxBytes > 0, 'a fetch names a range and a size');
    }
  }

  private checkRole(change: RoleChange | undefined, status: CoreStatus): void {
    const before = this.role;
    if (change !== undefined) this.role = change;
    const { role, epoch, leader, ready, settled } = status.role;
    expectThat(compareEpochs(epoch, before.epoch) >= 0, 'the epoch of a member never falls within a life');
    expectThat(!settled || ready, 'ready comes before settled');
    expectThat(!ready || role === 'leader', 'only a leader is ready');
    expectThat(role !== 'leader' || leader === this.context.self, 'a leader follows itself');
    const told = {
      role: this.role.role,
      epoch: this.role.epoch,
      leader: this.role.leader,
      ready: this.role.ready,
      settled: this.role.settled,
    };
    const difference = differenceOf({ role, epoch, leader, ready, settled }, told);
    expectThat(
      difference === undefined,
      () => `every change of role, leader, readiness or epoch is told in its turn: ${difference}`,
    );
  }

  private isWrite(gate: WriteNumber): boolean {
    return Number.isSafeInteger(gate) && gate >= 0 && gate <= this.writeNumber;
  }
}

/** A run of entries that any journal could take. */
function checkEntries(run: EntryBatch): void {
  const { first, count, epoch, kind, body, ends, checksums } = run;
  expectThat(Number.isSafeInteger(first) && first >= 1 && count >= 1, `a run has a place and entries (${first}, ${count})`);
  expectThat(ends.length === count && checksums.length === count, 'a run has an end and a checksum for each entry');
  const bytes = body.reduce((sum, chunk) => sum + chunk.length, 0);
  expectThat(payloadBytes(run) === bytes, 'the ends of a run cover its body');
  expectThat(
    epoch.round >= 1 && ['command', 'noop', 'config'].includes(kind),
    `a run has an epoch and a kind (${epoch.round}, ${kind})`,
  );
  expectThat(kind !== 'noop' || bytes === 0, 'a no-op has no payload');
  expectThat(lastOf(run) < Number.MAX_SAFE_INTEGER, 'a run ends at a safe integer');
}
