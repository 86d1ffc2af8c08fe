import { createClient } from '@quorate/client';
import type { Client } from '@quorate/client';
import { runtimeCodec } from '@quorate/codec-protobuf';
import type { ConsensusError, MessageCodec } from '@quorate/interface';
import { createRecorder, kvModel } from '@quorate/linearizability';
import type { KvInput, KvOutput, Recorder, Revisioned } from '@quorate/linearizability';
import { chanceKinds, clientUrl, logarithm } from '@quorate/simulator';
import type { Observer, Scene, SimClientProcess } from '@quorate/simulator';
import type { HistoryJudgement, JudgedWorkload, UnknownCall } from '../services.ts';
import type { MarkCounts } from '../coverage/coverage.ts';
import { drawOperation } from './draw-operation.ts';
import { checkKvHistory } from './check-kv-history.ts';
import { DeliveredLog } from './delivered-log.ts';
import { decodeReply, encodeCompaction, encodeOperation } from './kv-codec.ts';

/** Operations that one client has under way at most: each is a logical process of the history. */
const lanes = 2;

/** A call that is under way. */
interface Call {
  readonly process: number;
  readonly input: KvInput;
  readonly calledMs: number;
}

/** Clients that read and write keys through the native door, and remember everything that they were told. */
export class KvWorkload implements JudgedWorkload {
  readonly clients: SimClientProcess[] = [];
  pending = 0;
  /** After `check`. */
  judgement: HistoryJudgement | undefined;
  readonly observer: Observer;
  private readonly unknown: Call[] = [];
  private readonly delivered: DeliveredLog = new DeliveredLog();
  private readonly scene: Scene;
  private readonly recorder: Recorder<KvInput, Revisioned<KvOutput>>;
  private readonly handles: Client[] = [];
  private resting = false;
  private values = 0;
  private revision = 0;
  private readonly successes: number[] = [];
  private readonly seen = new Map<string, string | null>();

  constructor(scene: Scene) {
    this.scene = scene;
    this.observer = this.delivered.observer;
    const model = kvModel();
    this.recorder = createRecorder({ isObservation: (input, answer) => model.isObservation(input, answer?.output) });
    for (let count = 0; count < scene.plan.workload.clients; count++) this.clients.push(scene.world.client());
  }

  begin(): void {
    const endpoints = this.scene.cluster.members.map(({ id }) => clientUrl(id));
    for (const [place, { process, transport }] of this.clients.entries()) {
      process.input(() => {
        const codec = runtimeCodec as MessageCodec<never>;
        // Each client knows the members in another order.
        const order = [...endpoints.slice(place % endpoints.length), ...endpoints.slice(0, place % endpoints.length)];
        this.handles[place] = createClient({
          endpoints: order,
          transport,
          host: process.host,
          codec,
          stallMs: 1000,
          dialTimeoutMs: 500,
        });
        for (let lane = 0; lane < lanes; lane++) this.think(place, this.recorder.newProcess());
      });
    }
  }

  rest(): void {
    this.resting = true;
  }

  succeededSince(sinceMs: number): number {
    let count = 0;
    for (let place = this.successes.length - 1; place >= 0 && (this.successes[place] as number) >= sinceMs; place--) count += 1;
    return count;
  }

  unknownCalls(): readonly UnknownCall[] {
    const model = kvModel();
    return this.unknown.map(({ process, input, calledMs }) => ({
      process,
      text: model.describeOperation(input, undefined),
      calledMs,
    }));
  }

  marks(): Partial<MarkCounts> {
    return {};
  }

  check(): void {
    this.judgement = checkKvHistory(this.scene, this.recorder.history(), this.delivered);
  }

  private think(place: number, process: number): void {
    const { world, plan } = this.scene;
    const { clients, operationsPerSecond } = plan.workload;
    this.values += 1;
    const draw = world.chance.draw(chanceKinds.workload, place, process, this.values);
    const meanMs = (clients * lanes * 1000) / operationsPerSecond;
    world.time.at(world.time.nowMs - logarithm(1 - draw) * meanMs, () =>
      this.clients[place]?.process.input(() => this.call(place, process)),
    );
  }

  private call(place: number, process: number): void {
    const { world, plan } = this.scene;
    if (this.resting) return;
    const client = this.handles[place];
    const host = this.clients[place]?.process.host;
    if (client === undefined || host === undefined) return;
    this.values += 1;
    const draws = (kind: number): number => world.chance.draw(chanceKinds.workload, place, this.values, kind);
    if (draws(9) < 0.01 && this.revision > 20)
      client.submit(encodeCompaction(this.revision - Math.floor(draws(8) * 20)), host.monotonicMs() + 2000, () => undefined);
    const value = `c${place}-${this.values}`;
    const input = drawOperation(draws, plan.workload.keys, { value, seen: (key) => this.seen.get(key) ?? null });
    const { body, isRead } = encodeOperation(input);
    const deadlineMs = host.monotonicMs() + 200 + draws(7) * 4800;
    this.recorder.call(process, input, `client ${place}, ${Math.round(world.time.nowMs)} ms`);
    const call = { process, input, calledMs: world.time.nowMs };
    this.pending += 1;
    const done = (error: ConsensusError | undefined, reply: Uint8Array | undefined): void => {
      this.pending -= 1;
      this.think(place, this.settle(call, error, reply));
    };
    if (isRead) client.query(body, { consistency: 'linearizable', deadlineMs }, done);
    else client.submit(body, deadlineMs, done);
  }

  /** Writes down how a call ended; gives the process that goes on. */
  private settle(call: Call, error: ConsensusError | undefined, reply: Uint8Array | undefined): number {
    const { process, input, calledMs } = call;
    if (error !== undefined) {
      if (error.outcome === 'unknown') {
        this.unknown.push(call);
        return this.recorder.lost(process);
      }
      this.recorder.failed(process);
      return process;
    }
    const { revision, output } = decodeReply(input, reply ?? new Uint8Array(0));
    if (revision > this.revision) this.revision = revision;
    if (input.op === 'get' && output.op === 'get') this.seen.set(input.key, output.value);
    this.successes.push(calledMs);
    this.recorder.returned(process, { revision, output });
    return process;
  }
}
