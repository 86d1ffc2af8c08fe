import { createClient } from '@quorate/client';
import { runtimeCodec } from '@quorate/codec-protobuf';
import { invariant } from '@quorate/interface';
import type { MessageCodec } from '@quorate/interface';
import { checkHistory, fencingProblems, lockModel } from '@quorate/linearizability';
import { chanceKinds, clientUrl } from '@quorate/simulator';
import type { Observer, Scene, SimClientProcess } from '@quorate/simulator';
import type { HistoryJudgement, JudgedWorkload, UnknownCall } from '../services.ts';
import type { LockMark, MarkCounts } from '../coverage/coverage.ts';
import { FencedResource } from './fenced-resource.ts';
import { LockHistory } from './lock-history.ts';
import { LockLane } from './lock-lane.ts';
import type { LaneBook } from './lock-lane.ts';
import { LockReplay } from './lock-replay.ts';
import { Patience } from './patience.ts';

/** Sessions that one client has at a time. */
const lanes = 2;

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
      granted: (waited) => void (waited && this.count('waiter granted')),
      cancelled: () => this.count('waiter cancelled'),
      forced: () => this.count('lock taken by an administrator'),
      died: (lock, token, delayMs) => {
        this.count('lock stayed taken after a death');
        this.patience.died(`${lock} ${token}`, delayMs);
      },
      delayEnded: (lock, token) => this.patience.delayEnded(`${lock} ${token}`),
    });
    this.observer = { applied: (_member, command, stamp) => this.replay.delivered(command, stamp) };
    this.book = { pending: 0, successes: [], unknown: [], trails: new Map(), told: [], nowMs: () => world.time.nowMs };
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
    const names = Array.from({ length: Math.max(keys, 2) }, (_, key) => (key === 0 ? 'delayed' : `l${key}`));
    const lane = new LockLane({
      name: `lane ${number}`,
      client,
      host,
      random: world.chance.stream(chanceKinds.workload, number),
      locks: names,
      isDelayed: (lock) => lock === 'delayed',
      meanThinkMs: (clients * lanes * 1000) / operationsPerSecond,
      history: this.history,
      resource: (lock) => this.resourceOf(lock),
      holds: (lock, session, token) => {
        const hold = this.replay.holdOf(lock);
        return hold !== undefined && !hold.dead && hold.session === session && hold.token === token;
      },
      wasGranted: (session, request) => (this.replay.acquireOf(session, request)?.token ?? 0) > 0,
      deliver: (delayMs, run) => void world.time.at(world.time.nowMs + delayMs, run),
      book: this.book,
    });
    this.lanes.push(lane);
    lane.begin();
  }

  private resourceOf(lock: string): FencedResource {
    let resource = this.resources.get(lock);
    if (resource === undefined) this.resources.set(lock, (resource = new FencedResource()));
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

  /** I-19: what clients were told of grants is what the delivered log says, token by token. */
  private checkTold(violate: (text: string) => void): void {
    for (const { session, request, outcome, token } of this.book.told) {
      const replayed = this.replay.acquireOf(session, request);
      invariant(replayed !== undefined || outcome !== undefined, 'an answer has an outcome');
      const agrees = outcome === 'granted' ? replayed?.token === token : replayed?.reply === 'held';
      if (!agrees)
        violate(
          `request ${request} of session ${session} was told ${outcome} ${token}; the log says ${replayed?.reply ?? 'nothing'} ${replayed?.token ?? 0}`,
        );
    }
  }
}
