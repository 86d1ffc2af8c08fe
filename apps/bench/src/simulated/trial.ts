import { protobufCodec, runtimeCodec } from '@quorate/codec-protobuf';
import { PutRequest } from '@quorate/codec-protobuf/etcd';
import { crc32, encodeText } from '@quorate/interface';
import { kvStateMachine, Method } from '@quorate/kv/state-machine';
import { referencePlan, simulate } from '@quorate/simulator';
import type { Assembly, Observer, Plan, Scene, SimMember, Workload } from '@quorate/simulator';
import { fileStorage } from '@quorate/storage-file';
import type { Variant } from './variants.ts';

/** A cluster of production members in virtual time, without faults but those of the script, in which one question is asked of a protocol. */
export interface Trial {
  readonly variant: Variant;
  readonly voters: number;
  readonly seed: number;
  readonly electionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Every message takes this long, from every member to every other one … */
  readonly delayMs: number;
  /** … a random time more, exponential with this mean (default 0) … */
  readonly jitterMs?: number;
  /** … and so much more between two of them. */
  readonly distancesMs?: readonly (readonly number[])[];
  /** `datagram`: messages are lost one by one, with the probability `loss`. Default `fifo`, which loses nothing. */
  readonly delivery?: 'fifo' | 'datagram';
  readonly loss?: number;
  /** Bytes per millisecond that a member can send to another one. Default: it takes no time. */
  readonly bandwidth?: number;
  readonly lengthMs: number;
  /** What happens, once the cluster was started. */
  readonly script: (scene: Scene) => void;
  readonly observer: Observer;
  /** The cluster may be unable to go on afterwards: that is what is asked. */
  readonly mayStall?: boolean;
}

/** Bytes of the value of every command. */
export const valueBytes = 100;

/** Links outlive whatever a script does to them for a moment. */
const idleMs = 60_000;

/** Runs a trial to its end. Throws where a claim of the simulator was broken: such a figure would mean nothing. */
export function runTrial(trial: Trial): void {
  const plan = planOf(trial);
  const { violations } = simulate({
    plan,
    crc32,
    assembly: assemblyOf(trial.variant, plan),
    isUnique: () => false,
    electsThroughPartialLinks: false,
    needsFifo: trial.delivery !== 'datagram',
    workload: (scene) => scripted(scene, trial.script),
    observers: () => [trial.observer],
  });
  // I-20: whoever may stall is not live.
  const first = violations.find(({ invariant }) => trial.mayStall !== true || invariant !== 'I-20');
  if (first !== undefined) throw new Error(`${first.invariant}: ${first.text}`);
}

// Turns and disks take no time: what is measured is messages, and what waits for them.
function planOf(trial: Trial): Plan {
  const { seed, voters, lengthMs, electionTimeoutMs, heartbeatMs, delayMs, distancesMs, bandwidth } = trial;
  const { jitterMs = 0, loss = 0, delivery = 'fifo' } = trial;
  const base = referencePlan(seed, lengthMs);
  return {
    ...base,
    voters,
    electionTimeoutMs,
    heartbeatMs,
    realCodec: true,
    idleMs,
    delivery,
    network: { ...base.network, delayMs, jitterMs, loss, bandwidth: bandwidth ?? base.network.bandwidth },
    ...(distancesMs && { distancesMs }),
    loop: { inputsPerTurn: 64, turnMs: 0, lookMs: 0 },
    disk: { ...base.disk, syncMs: 0 },
  };
}

function assemblyOf({ protocol, core }: Variant, plan: Plan): Assembly {
  const codec = protobufCodec(protocol);
  if (codec === undefined) throw new RangeError(`there is no codec for ${protocol}`);
  return ({ host, disk, report }) => {
    const stateMachine = kvStateMachine();
    return {
      core: core({ electionTimeoutMs: plan.electionTimeoutMs, heartbeatMs: plan.heartbeatMs }, plan.voters),
      codec,
      runtimeCodec,
      storage: fileStorage({ directory: 'data', disk, host, segmentBytes: 65_536, report }),
      stateMachine,
      stateHash: () => stateMachine.stateHash(),
      limits: {},
      snapshotCount: 1_000_000,
    };
  };
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

/** The member that leads now. */
export function leaderOf({ cluster }: Scene): SimMember {
  const { leader } = cluster;
  if (leader === undefined) throw new Error('there is no leader to measure');
  return leader;
}

/** Puts keys at a member, all in one turn of its process; `answered` is called once for each. */
export function submitPuts(member: SimMember, numbers: readonly number[], options: PutOptions = {}): void {
  const { process, replica } = member;
  if (process === undefined || replica === undefined) throw new Error(`member ${member.id} is not running`);
  const { bytes = valueBytes, answered } = options;
  process.input(() => {
    for (const number of numbers) {
      const request = PutRequest.encode(
        PutRequest.create({ key: encodeText(`key ${number}`), value: encodeText('x'.repeat(bytes)) }),
      );
      replica.submit(new Uint8Array([Method.put, ...request]), process.host.monotonicMs() + 60_000, (error) => {
        if (error === undefined) answered?.();
        // Where a member is ended while a command waits, nobody is told.
        else if (options.mayFail !== true) throw error;
      });
    }
  });
}

/** How puts are made. */
export interface PutOptions {
  readonly bytes?: number;
  readonly answered?: () => void;
  readonly mayFail?: boolean;
}

/** Virtual times are sums of decimal fractions: what differs by less than this is equal. */
export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
