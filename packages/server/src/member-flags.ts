import type { FlagValue } from './flag-table.ts';

/** The flags of a member, checked and with their defaults filled in. URLs are in normal form, without a path. */
export interface MemberFlags {
  readonly name: string;
  readonly dataDir: string;
  readonly protocol: string;
  readonly transport: string;
  readonly storage: 'file' | 'memory';
  readonly listenClientUrls: readonly string[];
  readonly advertiseClientUrls: readonly string[];
  readonly listenPeerUrls: readonly string[];
  readonly initialAdvertisePeerUrls: readonly string[];
  readonly initialCluster: readonly ClusterMember[];
  readonly initialClusterToken: string;
  readonly initialClusterState: 'new' | 'existing';
  readonly heartbeatMs: number;
  readonly electionTimeoutMs: number;
  readonly snapshotCount: number;
  readonly maxRequestBytes: number;
  readonly logFormat: 'text' | 'json';
  /** Empty: the service has no such door. */
  readonly listenApiUrls: readonly string[];
  /** Empty: no door for native clients. */
  readonly listenNativeUrls: readonly string[];
  readonly insecure: boolean;
  /** The service's own flags, by name without dashes. */
  readonly extra: ReadonlyMap<string, FlagValue>;
}

/** One member of `--initial-cluster`. */
export interface ClusterMember {
  readonly name: string;
  readonly peerUrls: readonly string[];
}
