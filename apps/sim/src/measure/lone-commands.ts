import { PutRequest } from '@quorate/codec-protobuf/etcd';
import { crc32 as portableCrc32, encodeText } from '@quorate/interface';
import { Method } from '@quorate/kv/state-machine';
import { referencePlan, simulate } from '@quorate/simulator';
import type { Observer, Plan, Scene, Workload } from '@quorate/simulator';
import { assembly } from '../protocols.ts';
import type { ProtocolUnderTest } from '../protocols.ts';
import { kvUnderTest } from '../services.ts';

/** A cluster without faults and without clients, in which one question is asked of a protocol. */
export interface Trial {
  readonly protocol: ProtocolUnderTest;
  readonly voters: number;
  /** Changes to the plan that all trials start from: fixed delays, disks that take no time, no background traffic for a while. */
  readonly plan?: Partial<Plan>;
  /** What happens, once the cluster was started. */
  readonly script: (scene: Scene) => void;
  readonly observer: Observer;
}

/** No heartbeat and no timeout falls into a measurement: there is nothing to subtract. */
const quietPlan = { electionTimeoutMs: 20_000, heartbeatMs: 9000 } as const;

/** Delay of every message, milliseconds. */
export const delayMs = 10;

/** Runs a trial to its end. Throws where a claim of the simulator was broken: such a figure would mean nothing. */
export function runTrial({ protocol, voters, plan, script, observer }: Trial): void {
  const base = referencePlan(1, 120_000);
  const network = { ...base.network, delayMs, jitterMs: 0 };
  const whole: Plan = {
    ...base,
    ...quietPlan,
    voters,
    network,
    realCodec: true,
    loop: { inputsPerTurn: 64, turnMs: 0, lookMs: 0 },
    disk: { ...base.disk, syncMs: 0 },
    ...plan,
  };
  const { violations } = simulate({
    plan: whole,
    crc32: portableCrc32,
    assembly: assembly(protocol, whole, kvUnderTest),
    isUnique: () => false,
    electsThroughPartialLinks: false,
    workload: (scene) => scripted(scene, script),
    observers: () => [observer],
  });
  const [first] = violations;
  if (first !== undefined) throw new Error(`${first.invariant}: ${first.text}`);
}

// Nobody but the script asks for anything; liveness is not the question.
function scripted(scene: Scene, script: (scene: Scene) => void): Workload {
  return {
    clients: [],
    pending: 0,
    begin: () => script(scene),
    rest: () => undefined,
    succeededSince: () => Number.POSITIVE_INFINITY,
    check: () => undefined,
  };
}

/** Submits a put at the leader, inside of a turn of its process. */
export function submitAtLeader({ cluster }: Scene, number: number): void {
  const { leader } = cluster;
  const { process, replica } = leader ?? {};
  if (process === undefined || replica === undefined) throw new Error('there is no leader to measure');
  const request = PutRequest.encode(PutRequest.create({ key: encodeText(`key ${number}`), value: encodeText('x'.repeat(100)) }));
  const command = new Uint8Array([Method.put, ...request]);
  process.input(() =>
    replica.submit(command, process.host.monotonicMs() + 10_000, (error) => {
      if (error !== undefined) throw error;
    }),
  );
}
