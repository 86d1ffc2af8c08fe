import type { FlagDefinition, FlagValue } from './flag-table.ts';
import { flagValues } from './flag-values.ts';
import { memberId } from './identity.ts';
import { checkSelf, readInitialCluster } from './initial-cluster.ts';
import { tlsFlags } from './member-flag-table.ts';
import type { ClusterMember, MemberFlags } from './member-flags.ts';
import type { MemberUrl } from './member-url.ts';
import type { GivenFlags } from './parse-flags.ts';
import { configProblem } from './problem.ts';
import type { Problem } from './problem.ts';
import { openToOthers, readDoorUrls } from './url-flags.ts';
import type { DoorUrls } from './url-flags.ts';

/** Flags that can be run with, where `problems` is empty. */
export interface ResolvedFlags {
  readonly flags: MemberFlags;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** What the flags are checked against. */
export interface FlagSchema {
  readonly table: readonly FlagDefinition[];
  /** The flags of the service itself. */
  readonly extra: readonly FlagDefinition[];
  readonly clientSchemes: readonly string[];
}

/** Turns given flags into a member's, with all problems at once. */
export function resolveFlags(given: GivenFlags, { table, extra, clientSchemes }: FlagSchema): ResolvedFlags {
  const { values, problems: wrong } = flagValues([...table, ...extra], given);
  const problems: Problem[] = [...given.problems, ...wrong];
  const warnings: string[] = [...given.warnings];
  const get = (flag: string): string => String(values.get(flag));
  const number = (flag: string): number => Number(values.get(flag));
  const list = (flag: string): readonly string[] => (values.get(flag) ?? []) as readonly string[];
  const name = get('name');
  const doors = readDoorUrls(list, clientSchemes, problems);
  const initialCluster = readCluster(name, { parts: list('initial-cluster'), doors }, problems);
  const flags: MemberFlags = {
    name,
    dataDir: get('data-dir') === '' ? `./${name}.quorate` : get('data-dir'),
    protocol: get('protocol'),
    transport: get('transport'),
    storage: get('storage') === 'memory' ? 'memory' : 'file',
    listenClientUrls: doors.listenClient.map(hrefOf),
    advertiseClientUrls: doors.advertiseClient.map(hrefOf),
    listenPeerUrls: doors.listenPeer.map(hrefOf),
    initialAdvertisePeerUrls: doors.advertisePeer.map(hrefOf),
    initialCluster,
    initialClusterToken: get('initial-cluster-token'),
    initialClusterState: get('initial-cluster-state') === 'existing' ? 'existing' : 'new',
    heartbeatMs: number('heartbeat-interval'),
    electionTimeoutMs: number('election-timeout'),
    snapshotCount: number('snapshot-count'),
    maxRequestBytes: number('max-request-bytes'),
    logFormat: get('log-format') === 'json' ? 'json' : 'text',
    listenApiUrls: doors.listenApi.map(hrefOf),
    listenNativeUrls: doors.listenNative.map(hrefOf),
    insecure: values.get('insecure') === true,
    extra: new Map(extra.map((flag): [string, FlagValue] => [flag.name, values.get(flag.name) ?? ''])),
  };
  checkName(name, problems);
  checkTiming(flags, problems);
  checkSecurity(values, doors, problems);
  checkIds(flags, problems);
  if (flags.insecure) warnings.push(...insecureWarnings(doors));
  if (initialCluster.length % 2 === 0) {
    warnings.push(`${initialCluster.length} members tolerate no more failures than ${initialCluster.length - 1} do`);
  }
  if (flags.storage === 'memory') warnings.push('--storage memory forgets everything, also its votes, when the process ends');
  return { flags, problems, warnings };
}

const hrefOf = ({ href }: MemberUrl): string => href;

function readCluster(
  name: string,
  { parts, doors }: { readonly parts: readonly string[]; readonly doors: DoorUrls },
  problems: Problem[],
): readonly ClusterMember[] {
  if (parts.length === 0) return [{ name, peerUrls: doors.advertisePeer.map(hrefOf) }];
  const cluster = readInitialCluster(parts, problems);
  // Where no part could be read, that is all there is to say.
  if (cluster.length > 0) checkSelf(cluster, { name, advertise: doors.advertisePeer }, problems);
  return cluster;
}

function checkName(name: string, problems: Problem[]): void {
  if (/^[^\s=,/\\]{1,128}$/u.test(name)) return;
  const allowed = '1 to 128 characters without space, comma, slash and =';
  problems.push(configProblem('E_NAME', `--name is ${JSON.stringify(name)}, allowed: ${allowed}. Choose another one.`));
}

function checkTiming({ heartbeatMs, electionTimeoutMs }: MemberFlags, problems: Problem[]): void {
  if (heartbeatMs < electionTimeoutMs / 2) return;
  const inequality = `--heartbeat-interval < --election-timeout / 2`;
  const got = `${heartbeatMs} >= ${electionTimeoutMs} / 2`;
  const text = `followers would give up a leader that is well: ${got}, allowed: ${inequality}. Lower the one or raise the other.`;
  problems.push(configProblem('E_TIMING', text));
}

function checkSecurity(values: ReadonlyMap<string, FlagValue>, doors: DoorUrls, problems: Problem[]): void {
  for (const { name } of tlsFlags) {
    const value = values.get(name);
    if (value === '' || value === false) continue;
    const text = `--${name} asks for TLS, which this version does not have yet. Leave it out and stay on loopback, or use a TLS tunnel.`;
    problems.push(configProblem('E_TLS', text));
  }
  if (values.get('insecure') === true) return;
  for (const { href } of openToOthers(doors)) {
    const text = `${href} can be reached from other machines, and there is no TLS. Listen on loopback, or give --insecure.`;
    problems.push(configProblem('E_INSECURE', text));
  }
}

function insecureWarnings(doors: DoorUrls): readonly string[] {
  return openToOthers(doors).map(({ href }) => `${href} is open to everyone who can reach it: no TLS (--insecure)`);
}

// Ids are hashes of 48 bits: two members with one id are all but impossible, and fatal.
function checkIds({ initialCluster, initialClusterToken }: MemberFlags, problems: Problem[]): void {
  const seen = new Map<number, string>();
  for (const member of initialCluster) {
    const id = memberId(initialClusterToken, member);
    const other = seen.get(id);
    if (other !== undefined && other !== member.name) {
      const text = `${member.name} and ${other} have the same member id ${id}. Rename one of them.`;
      problems.push(configProblem('E_CLUSTER', text));
    }
    seen.set(id, member.name);
  }
}
