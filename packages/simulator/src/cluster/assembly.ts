import type {
  CoreKind,
  Disk,
  Host,
  MemberId,
  MessageCodec,
  RuntimeMessage,
  StateMachine,
  Storage,
  Transport,
} from '@quorate/interface';
import type { ReplicaLimits } from '@quorate/replica';

/** What one process life of a member may use. */
export interface AssemblyContext {
  readonly member: MemberId;
  readonly life: number;
  readonly host: Host;
  readonly disk: Disk;
  /** For lines that the storage writes at its start. */
  readonly report: (text: string) => void;
}

/** The production parts of one member; made anew for each life. */
export interface MemberParts {
  readonly core: CoreKind<never>;
  readonly codec: MessageCodec<never>;
  readonly runtimeCodec: MessageCodec<RuntimeMessage>;
  readonly storage: Storage;
  readonly stateMachine: StateMachine;
  readonly stateHash: () => number;
  readonly limits: Partial<ReplicaLimits>;
  readonly snapshotCount: number;
}

/** Puts together a member. The simulator knows no concrete core, codec, storage or state machine. */
export type Assembly = (context: AssemblyContext) => MemberParts;

/** The names under which members are dialled. */
export function peerUrl(member: MemberId): string {
  return `sim://member-${member}`;
}

/** The native clients' door of a member. */
export function clientUrl(member: MemberId): string {
  return `sim://door-${member}`;
}

/**
 * Known bugs, planted between the production parts and the replica: decorators at the contracts, above the ledger's own eyes. A run
 * that does not find the bug that was planted is void.
 */
export interface Plants {
  readonly core?: (core: CoreKind<never>, member: MemberId) => CoreKind<never>;
  readonly storage?: (storage: Storage, member: MemberId) => Storage;
  readonly transport?: (transport: Transport, member: MemberId) => Transport;
  readonly machine?: (machine: StateMachine, member: MemberId) => StateMachine;
}
