import { createClient } from '@quorate/client';
import { runtimeCodec } from '@quorate/codec-protobuf';
import type { MessageCodec } from '@quorate/interface';
import { checkHistory, fencingProblems, lockModel } from '@quorate/linearizability';
import { chanceKinds, clientUrl } from '@quorate/simulator';
import type { Observer, Scene, SimClientProcess } from '@quorate/simulator';
import type { HistoryJudgement, JudgedWorkload, UnknownCall } from '../services.ts';
import type { LockMark, MarkCounts } from '../coverage/coverage.ts';
import { FencedResource } from './fenced-resource.ts';
import type { LaneBook, LockUnderTest } from './lane-setup.ts';
import { LockHistory } from './lock-history.ts';
import { LockLane } from './lock-lane.ts';
import { LockReplay } from './lock-replay.ts';
import type { ReplayedAnswer } from './lock-replay.ts';
import { Patience } from './patience.ts';
import { isExclusive } from './replayed-lock.ts';

/** Sessions that one client has at a time. */
const lanes = 2;

/** What an errand takes beside its acquire and its release, as a factor: a plan says how many operations there are in a second. */
const errandCommands = 1.5;

/** Clients that take locks, write under them to a resource outside of the cluster, and are stopped in the middle of it. */
export class LockWorkload implements JudgedWorkload {
  readonly clients: SimClientProcess[] = [];
  private readonly counts: Partial<Record<LockMark, number>> = {};
  readonly observer: Observer;
  judgement: HistoryJudgement | undefined;
  private readonly scene: Scene;
  private readonly history = new LockHistory();
  private readonly replay: LockReplay;
  private readonly patience: Patience;
  private readonly book: LaneBook;
  private readonly resources = new Map<string, FencedResource>();
  private readonly lanes: LockLane[] = [];
  private resting = false;

  constructor(scene: Scene) {
    this.scene = scene;
    const { world, plan } = scene;
    this.patience = new Patience(plan, () => world.time.nowMs);
    this.replay = new LockReplay({
      sessionOpened: (session, ttlMs) => this.patience.opened(session, ttlMs),
      renewed: (session) => this.patience.renewed(session),
      sessionEnded: (session, cause) => {
        if (cause === 'expired') {
          this.count('session expired');
          this.patience.expired(session);
        }
        this.book.trails.get(session)?.ended();
        this.book.trails.delete(session);
      },
      granted: ({ waited, use, beside }) => {
        if (waited) this.count(use === 'election' ? 'candidate that waited leads' : 'waiter granted');
        if (beside > 0) this.count(use === 'semaphore' ? 'permits in use together' : 'readers together');
      },
      entered: (upgraded) => this.count(upgraded ? 'reader became the writer' : 'lock entered again'),
      repeated: () => this.count('known request repeated'),
      cancelled: () => this.count('waiter cancelled'),
      forced: () => this.count('lock taken by an administrator'),
      died: (lock, token, delayMs) => {
        this.count('lock stayed taken after a death');
        this.patience.died(`${lock} ${token}`, delayMs);
      },
      delayEnded: (lock, token) => this.patience.delayEnded(`${lock} ${token}`),
    });
    this.observer = { applied: (_member, command, stamp) => this.replay.delivered(command, stamp) };
    this.book = {
      pending: 0,
      successes: [],
      unknown: [],
      trails: new Map(),
      told: [],
      problems: [],
      askedAgain: 0,
      observed: 0,
      nowMs: () => world.time.nowMs,
    };
    for (let count = 0; count < plan.workload.clients; count++) this.clients.push(world.client());
  }

  /** Once nobody renews anything any more, the leader has to end all sessions and delays, and until then nothing is calm. */
  get pending(): number {
    return this.book.pending + (this.resting ? this.replay.lasting : 0);
  }

  begin(): void {
    const endpoints = this.scene.cluster.members.map(({ id }) => clientUrl(id));
    for (const [place, { process, transport }] of this.clients.entries()) {
      process.input(() => {
        const codec = runtimeCodec as MessageCodec<never>;
        const order = [...endpoints.slice(place % endpoints.length), ...endpoints.slice(0, place % endpoints.length)];
        const { host } = process;
        const client = createClient({ endpoints: order, transport, host, codec, stallMs: 1000, dialTimeoutMs: 500 });
        for (let lane = 0; lane < lanes; lane++) this.addLane(place * lanes + lane, { client, host });
      });
    }
  }

  private addLane(number: number, { client, host }: Pick<ConstructorParameters<typeof LockLane>[0], 'client' | 'host'>): void {
    const { world, plan } = this.scene;
    const { clients, operationsPerSecond, keys } = plan.workload;
    const lane = new LockLane({
      name: `lane ${number}`,
      client,
      host,
      random: world.chance.stream(chanceKinds.workload, number),
      locks: locksFor(keys),
      meanThinkMs: (errandCommands * clients * lanes * 1000) / operationsPerSecond,
      history: this.history,
      resource: (lock) => this.resourceOf(lock),
      holds: (lock, { session, token, shared }) =>
        this.replay
          .holdersOf(lock)
          .some((hold) => hold.session === session && hold.token === token && (shared || isExclusive(hold))),
      wasGranted: (session, request) => this.replay.tokenOf(session, request) > 0,
      deliver: (delayMs, run) => void world.time.at(world.time.nowMs + delayMs, run),
      book: this.book,
    });
    this.lanes.push(lane);
    lane.begin();
  }

  private resourceOf({ name, permits }: LockUnderTest): FencedResource {
    let resource = this.resources.get(name);
    if (resource === undefined)
      this.resources.set(name, (resource = permits > 0 ? new FencedResource(permits) : new FencedResource()));
    return resource;
  }

  rest(): void {
    this.resting = true;
    for (const lane of this.lanes) lane.rest();
  }

  succeededSince(sinceMs: number): number {
    return this.book.successes.filter((calledMs) => calledMs >= sinceMs).length;
  }

  marks(): Partial<MarkCounts> {
    const writes = [...this.resources.values()].flatMap(({ deliveries }) => deliveries);
    return {
      ...this.counts,
      'unknown outcome asked again': this.book.askedAgain,
      'leader of an election observed': this.book.observed,
      'client wrote without the lock': writes.filter(({ held }) => !held).length,
      'stale token refused by the resource': writes.filter(({ accepted }) => !accepted).length,
    };
  }

  private count(mark: LockMark): void {
    this.counts[mark] = (this.counts[mark] ?? 0) + 1;
  }

  unknownCalls(): readonly UnknownCall[] {
    return this.book.unknown;
  }

  check(): void {
    const { ledger } = this.scene.world;
    const violate = (text: string): void => ledger.violate('I-19', text);
    this.replay.problems.forEach(violate);
    this.patience.problems.forEach(violate);
    this.book.problems.forEach(violate);
    this.checkTold(violate);
    for (const [lock, resource] of this.resources) {
      for (const problem of [...resource.problems(), ...fencingProblems(resource.deliveries)]) violate(`${lock}: ${problem}`);
    }
    const operations = this.history.all();
    const model = lockModel();
    const { partitions } = checkHistory(model, operations);
    for (const { verdict, partition, stuck } of partitions) {
      if (verdict !== 'violation') continue;
      const text =
        stuck === undefined ? '' : `: nothing explains ${model.describeOperation(stuck.input, stuck.output)} (${stuck.note})`;
      ledger.violate('I-10', `the history of lock ${partition.name} is not linearizable${text}`);
    }
    const unknownPartitions = partitions.filter(({ verdict }) => verdict === 'unknown').length;
    this.judgement = { operations: operations.length, partitions: partitions.length, unknownPartitions };
  }

  /** I-19: what clients were told of a request is what the delivered log says, and the same again where they asked again. */
  private checkTold(violate: (text: string) => void): void {
    for (const { session, request, answer } of this.book.told) {
      const { reply, token } = answer;
      const answers = this.replay.answersTo(session, request);
      const agrees =
        reply === 'seen'
          ? this.replay.tokenOf(session, request) === token
          : answers.some((one) => one.reply === reply && one.token === token && one.count === answer.count);
      if (agrees) continue;
      const told = reply === 'seen' ? `seen ${token}` : textOf(answer);
      const log = answers.length === 0 ? 'nothing' : answers.map(textOf).join(', ');
      violate(`request ${request} of session ${session} was told ${told}; the log says ${log}`);
    }
  }
}

function textOf({ reply, token, count }: ReplayedAnswer): string {
  return `${reply} ${token} of ${count}`;
}

/** Of everything that the service has something. */
function locksFor(keys: number): readonly LockUnderTest[] {
  const plain = Array.from({ length: Math.max(keys - 1, 1) }, (_, key) => `l${key + 1}`);
  return [
    { name: 'delayed', use: 'delayed', permits: 0 },
    ...plain.map((name): LockUnderTest => ({ name, use: 'lock', permits: 0 })),
    { name: 'semaphore', use: 'semaphore', permits: 2 },
    { name: 'election', use: 'election', permits: 0 },
  ];
}
