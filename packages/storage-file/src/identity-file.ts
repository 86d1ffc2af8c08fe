import { failure } from '@quorate/interface';
import type { Crc32, ExpectedIdentity, Failure, Identity } from '@quorate/interface';
import { encodeChecked, parseChecked } from './checked-json.ts';

/** The version of the directory's layout. */
export const directoryFormat = 1;

/** The content of the file `identity`: a line of JSON and its checksum. */
export function encodeIdentity(identity: Identity, formatVersion: number, crc32: Crc32): Uint8Array {
  const { clusterId, member, name, protocol, diskId, incarnation, peerDisks } = identity;
  const peers = [...peerDisks].sort(([a], [b]) => a - b);
  const format = directoryFormat;
  const fields = { format, clusterId, member, name, protocol, protocolFormat: formatVersion, diskId, incarnation, peers };
  return encodeChecked(fields, crc32);
}

/** What a new directory is. */
export function mintIdentity(expected: ExpectedIdentity): Identity {
  const { clusterId, member, name, protocol, newDiskId } = expected;
  return { clusterId, member, name, protocol, diskId: newDiskId, incarnation: 1, peerDisks: new Map() };
}

/** Reads the file and compares it with what the flags say. The result has the incarnation of the last start. */
export function checkIdentity(
  file: { readonly path: string; readonly bytes: Uint8Array },
  expected: ExpectedIdentity,
  crc32: Crc32,
): Identity | Failure {
  const { path } = file;
  const fields = parseChecked(file.bytes, crc32) as Partial<Record<string, unknown>> | undefined;
  if (fields === undefined) return damaged(path);
  const { format, protocolFormat, clusterId, member, name, protocol } = fields;
  if (typeof format !== 'number' || typeof protocolFormat !== 'number') return damaged(path);
  if (format > directoryFormat) return newer({ field: 'format', got: format, allowed: directoryFormat }, path);
  if (protocol !== expected.protocol)
    return refused(
      'E_PROTOCOL',
      { field: 'protocol', got: protocol, allowed: expected.protocol },
      'Use the --protocol that wrote it, or another data directory.',
    );
  if (protocolFormat > expected.formatVersion)
    return newer({ field: 'protocol format', got: protocolFormat, allowed: expected.formatVersion }, path);
  if (clusterId !== expected.clusterId)
    return refused(
      'E_CLUSTER_ID',
      { field: 'cluster id', got: clusterId, allowed: expected.clusterId },
      `It belongs to ${String(name)}: use the --name, --initial-cluster and --initial-cluster-token that it was started with first, or another data directory.`,
    );
  if (member !== expected.member) {
    const mine = {
      field: 'member',
      got: `${typeof member === 'number' ? member.toString(16) : String(member)} (${String(name)})`,
      allowed: `${expected.member.toString(16)} (${expected.name})`,
    };
    return refused(
      'E_MEMBER_ID',
      mine,
      'Use the --name and the peer URLs that it was started with first, or another data directory.',
    );
  }
  return identityOf(fields) ?? damaged(path);
}

function identityOf(fields: Partial<Record<string, unknown>>): Identity | undefined {
  const { clusterId, member, name, protocol, diskId, incarnation, peers } = fields;
  if (typeof clusterId !== 'string' || typeof name !== 'string' || typeof protocol !== 'string' || typeof diskId !== 'string')
    return undefined;
  if (typeof member !== 'number' || typeof incarnation !== 'number' || !Number.isSafeInteger(incarnation) || incarnation < 1)
    return undefined;
  if (!Array.isArray(peers)) return undefined;
  const peerDisks = new Map<number, string>();
  for (const pair of peers as unknown[]) {
    const [peer, disk] = Array.isArray(pair) ? (pair as unknown[]) : [];
    if (typeof peer !== 'number' || typeof disk !== 'string') return undefined;
    peerDisks.set(peer, disk);
  }
  return { clusterId, member, name, protocol, diskId, incarnation, peerDisks };
}

interface Difference {
  readonly field: string;
  readonly got: unknown;
  readonly allowed: unknown;
}

function refused(code: string, { field, got, allowed }: Difference, advice: string): Failure {
  const what = `the data directory is another's (${field}, got ${String(got)}, allowed ${String(allowed)})`;
  return failure(code, `${what}. ${advice}`, 78);
}

function newer({ field, got, allowed }: Difference, path: string): Failure {
  const what = `the data directory was written by a newer version (${field} in ${path}, got ${String(got)}, allowed up to ${String(allowed)})`;
  return failure('E_VERSION', `${what}. Start the version that wrote it; nothing was changed.`, 78);
}

function damaged(path: string): Failure {
  const what = `the identity is damaged (file ${path}, got a wrong checksum or impossible fields)`;
  return failure('E_IDENTITY_DAMAGED', `${what}. Restore the file from a backup, or replace this member.`, 65);
}
