import { createHash, randomBytes } from 'node:crypto';
import type { Config, MemberId, MemberInfo } from '@quorate/interface';
import type { ClusterMember } from './member-flags.ts';

/** The id of a member, from what its operator says of it: the same on all members, without asking anybody. 1 … 2^48−1. */
export function memberId(token: string, { name, peerUrls }: ClusterMember): MemberId {
  const id = digest([token, name, ...peerUrls.toSorted()]).readUIntBE(0, 6);
  return id === 0 ? 1 : id;
}

/** The id of a cluster, from its token and first members: 16 hexadecimal digits, never all zero. */
export function clusterIdOf(token: string, cluster: readonly ClusterMember[]): string {
  const members = cluster.map(({ name, peerUrls }) => `${name}=${peerUrls.toSorted().join('|')}`).toSorted();
  const id = digest([token, ...members]).toString('hex', 0, 8);
  return /^0+$/u.test(id) ? '0000000000000001' : id;
}

/** The configuration that a cluster starts with: every member votes. */
export function genesisOf(token: string, cluster: readonly ClusterMember[]): Config {
  const members: MemberInfo[] = cluster.map((member) => ({
    id: memberId(token, member),
    name: member.name,
    peerUrls: member.peerUrls,
    diskId: '',
  }));
  members.sort((a, b) => a.id - b.id);
  return { id: 0, voters: members.map(({ id }) => id), learners: [], members };
}

/** Minted with a data directory, so that a wiped one cannot pose as the old. */
export function newDiskId(): string {
  return randomBytes(16).toString('hex');
}

// Each part with its length: no two different lists are the same bytes.
function digest(parts: readonly string[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest();
}
