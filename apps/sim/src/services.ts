import type { StateMachine } from '@quorate/interface';
import { kvStateMachine, Method } from '@quorate/kv/state-machine';
import { lockStateMachine } from '@quorate/lock/state-machine';
import type { Scene, Workload } from '@quorate/simulator';
import type { MarkCounts } from './coverage/coverage.ts';
import { KvWorkload } from './kv/kv-workload.ts';
import { LockWorkload } from './lock/lock-workload.ts';

/** How a history was judged. `unknown` is counted and capped by the report; it is never good. */
export interface HistoryJudgement {
  readonly operations: number;
  readonly partitions: number;
  readonly unknownPartitions: number;
}

/** A call of which nobody knows what became of it, or what will. */
export interface UnknownCall {
  readonly process: number;
  readonly text: string;
  readonly calledMs: number;
}

/** Clients that remember everything that they were told, and judge it at the end. */
export interface JudgedWorkload extends Workload {
  /** After `check`. */
  readonly judgement: HistoryJudgement | undefined;
  unknownCalls(): readonly UnknownCall[];
  /** Situations that only its clients see. */
  marks(): Partial<MarkCounts>;
}

/** What the simulation of a service needs to know of it. */
export interface ServiceUnderTest {
  /** What `--workload` takes. */
  readonly name: string;
  /** The production state machine of one member. */
  stateMachine(): StateMachine & { stateHash(): number };
  /** True for commands that no two calls share. */
  isUnique(command: Uint8Array): boolean;
  workload(scene: Scene): JudgedWorkload;
}

/** The key-value store: the service of a run that names none. */
export const kvUnderTest: ServiceUnderTest = {
  name: 'kv',
  stateMachine: kvStateMachine,
  isUnique: (command) => command[0] === Method.put || command[0] === Method.txn,
  workload: (scene) => new KvWorkload(scene),
};

/** The tag of an acquire: a session gives each of them another number. */
const acquireTag = 42;

const lockUnderTest: ServiceUnderTest = {
  name: 'lock',
  stateMachine: lockStateMachine,
  isUnique: (command) => command[0] === acquireTag,
  workload: (scene) => new LockWorkload(scene),
};

const services: readonly ServiceUnderTest[] = [kvUnderTest, lockUnderTest];

/** The names that `--workload` takes, the default first. */
export const serviceNames: readonly string[] = services.map(({ name }) => name);

/** A service by name. */
export function serviceNamed(name: string): ServiceUnderTest | undefined {
  return services.find((service) => service.name === name);
}

/** What files of a run are called: the service is named where it is not the default. */
export function runName(protocol: string, service: string): string {
  return service === kvUnderTest.name ? protocol : `${protocol}-${service}`;
}
