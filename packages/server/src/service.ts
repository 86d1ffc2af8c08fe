import type { Config, Host, MemberId, StateMachine } from '@quorate/interface';
import type { Replica } from '@quorate/replica';
import type { FlagDefinition } from './flag-table.ts';
import type { Logger } from './logger.ts';
import type { MemberFlags } from './member-flags.ts';
import type { Metrics } from './metrics.ts';

/** What makes a service out of a replicated state machine: its name, its state, and the doors that clients come through. */
export interface ServiceDefinition {
  /** The command's name, such as `quorate-kv`. */
  readonly name: string;
  /** Printed by `--version`. */
  readonly version: string;
  /** One line for `--help`. */
  readonly description: string;
  readonly defaults: ServiceDefaults;
  /** Flags beside the table that every member has; their values are in {@link MemberFlags.extra}. */
  readonly extraFlags?: readonly FlagDefinition[];
  /** Called once, before the replica is created. The state is the service's own: doors may read it between turns. */
  createStateMachine(context: StateMachineContext): StateMachine;
  /** Called once the member is recovered and listens to its peers, whether or not a leader is known. A rejection stops the member. */
  openDoors(context: ServiceContext): Promise<readonly Door[]>;
}

/** The defaults of flags that differ from service to service. */
export interface ServiceDefaults {
  /** Comma-separated, such as `http://127.0.0.1:2379`. */
  readonly listenClientUrls: string;
  /** Comma-separated, such as `tcp://127.0.0.1:2380`. */
  readonly listenPeerUrls: string;
  /** The schemes that `--listen-client-urls` may have, without colon. */
  readonly clientSchemes: readonly string[];
  /** For a service with an HTTP door of its own beside the clients' one: the default of `--listen-api-urls`, which it then has. */
  readonly listenApiUrls?: string;
}

/** Who this member is. */
export interface MemberName {
  readonly id: MemberId;
  readonly name: string;
}

/** What a state machine may be made from. */
export interface StateMachineContext {
  readonly self: MemberName;
  /** 16 lower-case hexadecimal digits. */
  readonly clusterId: string;
  readonly genesis: Config;
  readonly flags: MemberFlags;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What a service's doors may use. */
export interface ServiceContext extends StateMachineContext {
  readonly replica: Replica;
  readonly host: Host;
  /** The health of this member, as `/health` tells it. Cheap: reads the last status. */
  readonly health: () => Health;
}

/** Whether this member can serve linearizable requests now. */
export interface Health {
  readonly healthy: boolean;
  /** Empty where healthy; else in etcd's words, such as `RAFT NO LEADER`. */
  readonly reason: string;
}

/** An open way in for clients. */
export interface Door {
  /** Refuses new work, lets running requests end until the monotonic deadline, then closes what is left. Never rejects. */
  close(deadlineMs: number): Promise<void>;
}
