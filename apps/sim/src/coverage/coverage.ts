import type { MemberRecord, Observer, Scene } from '@quorate/simulator';

// Whatever the protocol.
const commonMarks = [
  'leader lost with an uncommitted tail',
  'leader elected',
  'leadership transferred',
  'snapshot taken',
  'snapshot installed',
  'snapshot installed while the leader changed',
  'snapshot pull resumed or failed',
  'restored from a snapshot at start',
  'torn tail cut',
  'segment rewritten after a failed sync',
  'member failed with a named code and came back',
  'damaged disk refused',
  'wiped member refused',
  'entries fetched from the journal',
  'commands forwarded',
  'client retried a command of its session',
  'link lost with entries under way',
  'two leaders at once',
  'hand-over on stop',
  'timer late',
] as const;

const raftMarks = ['member stood for election', 'uncommitted tail truncated by a new leader'] as const;

const multiPaxosMarks = [
  'member stood for election',
  'hole filled',
  'value proposed again in a higher ballot',
  'chosen out of order',
  'promise in chunks',
  'learned from a member that does not lead',
  'leader pre-empted',
  'leader that nobody taught began again',
] as const;

const zabMarks = [
  'uncommitted tail truncated by a new leader',
  'vote changed in a round',
  'epoch accepted',
  'TRUNC sent',
  'follower synchronised by DIFF',
  'follower synchronised by TRUNC',
  'follower synchronised by SNAP',
  'DIFF from disk',
  'COMMIT between NEWLEADER and UPTODATE',
  'link reset by a gap or a lost frame',
  'numbered link ended at a gap',
  'leader stopped for lack of a quorum',
  'leader stopped because its disk hung',
  'counter rolled over',
  'new epoch for a stranded member',
] as const;

const lockMarks = [
  'waiter granted',
  'candidate that waited leads',
  'leader of an election observed',
  'readers together',
  'permits in use together',
  'lock entered again',
  'reader became the writer',
  'known request repeated',
  'unknown outcome asked again',
  'waiter cancelled',
  'session expired',
  'lock stayed taken after a death',
  'lock taken by an administrator',
  'client wrote without the lock',
  'stale token refused by the resource',
] as const;

/** One of the situations. */
export type Mark =
  | (typeof commonMarks)[number]
  | (typeof raftMarks)[number]
  | (typeof multiPaxosMarks)[number]
  | (typeof zabMarks)[number]
  | LockMark;

/** One that the lock service's clients see. */
export type LockMark = (typeof lockMarks)[number];

const ownMarks: Readonly<Record<string, readonly Mark[]>> = {
  raft: raftMarks,
  'multi-paxos': multiPaxosMarks,
  zab: zabMarks,
};

/** All of them. */
export const marks: readonly Mark[] = [...new Set([...commonMarks, ...Object.values(ownMarks).flat(), ...lockMarks])];

/** Situations that a campaign of a protocol and a service must have met: a run that never got there proved nothing about them. */
export function marksOf(protocol: string, workload: string): readonly Mark[] {
  return [...commonMarks, ...(ownMarks[protocol] ?? []), ...(workload === 'lock' ? lockMarks : [])];
}

/** How often each mark was reached. */
export type MarkCounts = Record<Mark, number>;

/** All zero. */
export function noMarks(): MarkCounts {
  return Object.fromEntries(marks.map((mark) => [mark, 0])) as MarkCounts;
}

interface Trace {
  readonly event?: string;
  /** Of `learned`: whether the values came from the leader. */
  readonly leader?: boolean;
  readonly mode?: string;
}

/** Trace events of cores that are marks by themselves. */
const tracedMarks: Readonly<Record<string, Mark | undefined>> = {
  truncated: 'uncommitted tail truncated by a new leader',
  leader: 'leader elected',
  transfer: 'leadership transferred',
  candidate: 'member stood for election',
  voteChanged: 'vote changed in a round',
  epochAccepted: 'epoch accepted',
  'trunc-sent': 'TRUNC sent',
  'disk-sync': 'DIFF from disk',
  'early-commit': 'COMMIT between NEWLEADER and UPTODATE',
  'quorum-lost': 'leader stopped for lack of a quorum',
  'disk-hangs': 'leader stopped because its disk hung',
  'rolled-over': 'counter rolled over',
  stranded: 'new epoch for a stranded member',
  holeFilled: 'hole filled',
  reproposed: 'value proposed again in a higher ballot',
  chosenOutOfOrder: 'chosen out of order',
  promiseInChunks: 'promise in chunks',
  preempted: 'leader pre-empted',
  untaught: 'leader that nobody taught began again',
};

const synchronisedMarks: Readonly<Record<string, Mark | undefined>> = {
  DIFF: 'follower synchronised by DIFF',
  TRUNC: 'follower synchronised by TRUNC',
  SNAP: 'follower synchronised by SNAP',
};

/** Reads marks from what members say and show; the production code does not know that it is looked at. */
export class Coverage {
  readonly counts: MarkCounts = noMarks();
  private readonly failedLives = new Set<string>();
  private readonly syncFailed = new Set<number>();
  private readonly installing = new Map<number, number>();

  observer({ cluster, world }: Scene): Observer {
    return {
      recovered: (member, recovered) => {
        if (recovered.snapshot !== undefined) this.hit('restored from a snapshot at start');
        if (this.failedLives.delete(`${member.id}`)) this.hit('member failed with a named code and came back');
      },
      drained: (member, effects) => {
        if (effects.fetches.length > 0) this.hit('entries fetched from the journal');
        if (effects.role?.role === 'leader' && !effects.role.settled) {
          const rivals = cluster.members.filter(
            ({ isUp, id, record }) => isUp && id !== member.id && record.role?.role === 'leader',
          );
          if (rivals.length > 0) this.hit('two leaders at once');
          for (const [id, index] of this.installing)
            if (index > 0 && id !== member.id) this.hit('snapshot installed while the leader changed');
        }
        for (const order of effects.snapshots) this.installing.set(member.id, order.do === 'receive' ? order.meta.index : 0);
      },
      event: (member, event) => {
        if (event.type === 'trace') for (const each of event.events) this.traced(each);
        if (event.type === 'log') this.logged(event.text);
        if (event.type === 'link' && event.stage === 'down') this.linkEnded(event.reason ?? '');
        if (event.type === 'link' && event.stage === 'down' && member.role?.role === 'leader') {
          if (member.latest.last > world.ledger.committedTo) this.hit('link lost with entries under way');
        }
        if (event.type === 'snapshot') this.snapshot(member, event.stage);
        if (event.type !== 'fatal') return;
        this.failedLives.add(`${member.id}`);
        if (/f?(?:data)?sync/u.test(event.failure.text)) this.syncFailed.add(member.id);
      },
      ended: (member, end) => {
        if (end.how === 'stopped' && world.ledger.members.size > 1) this.hit('hand-over on stop');
        if (end.how === 'exit' && end.exit === 65) this.hit('damaged disk refused');
        if (member.role?.role === 'leader' && member.latest.last > world.ledger.committedTo)
          this.hit('leader lost with an uncommitted tail');
        const { counters, journal } = cluster.member(member.id).lastStatus ?? {};
        if (journal?.['rewrites'] === 1 && this.syncFailed.delete(member.id)) this.hit('segment rewritten after a failed sync');
        if ((counters?.forwarded ?? 0) > 0) this.hit('commands forwarded');
        if ((counters?.duplicates ?? 0) > 0) this.hit('client retried a command of its session');
        if ((counters?.lateTurns ?? 0) > 0) this.hit('timer late');
      },
    };
  }

  private hit(mark: Mark): void {
    this.counts[mark] += 1;
  }

  private linkEnded(reason: string): void {
    if (/gap|lost/u.test(reason)) this.hit('link reset by a gap or a lost frame');
    if (reason.startsWith('E_GAP')) this.hit('numbered link ended at a gap');
  }

  private traced({ event = '', mode = '', leader }: Trace): void {
    if (event === 'learned') {
      if (leader === false) this.hit('learned from a member that does not lead');
      return;
    }
    const mark = event === 'synced' ? synchronisedMarks[mode] : tracedMarks[event];
    if (mark !== undefined) this.hit(mark);
  }

  private snapshot(member: MemberRecord, stage: 'taken' | 'received' | 'restored' | 'failed'): void {
    if (stage === 'taken') this.hit('snapshot taken');
    else if (stage === 'restored') this.hit('snapshot installed');
    else if (stage === 'failed') this.hit('snapshot pull resumed or failed');
    if (stage !== 'taken') this.installing.set(member.id, 0);
  }

  private logged(text: string): void {
    if (/torn|cut off|never acknowledged/u.test(text)) this.hit('torn tail cut');
    else if (text.includes('E_MEMBER_WIPED')) this.hit('wiped member refused');
  }
}
