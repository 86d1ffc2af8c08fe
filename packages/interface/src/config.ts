import { decodeText, encodeText } from './text.ts';
import type { MemberId } from './vocabulary.ts';

/** What everyone knows of a member. `diskId` is empty until the member was met. */
export interface MemberInfo {
  readonly id: MemberId;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly diskId: string;
}

/** Who votes and who only learns. Id 0 is the genesis, the configuration that a cluster was started with; every change raises it. */
export interface Config {
  readonly id: number;
  readonly voters: readonly MemberId[];
  readonly learners: readonly MemberId[];
  readonly members: readonly MemberInfo[];
  /** The pending half of a joint change (Raft thesis §4.3). */
  readonly next?: Config;
}

/** The payload of a `config` entry. Rare and small, so JSON: a person can read it in a hex dump. */
export function encodeConfig(config: Config): Uint8Array {
  return encodeText(JSON.stringify(config));
}

/** Reads the payload of a `config` entry; undefined where it is malformed. Unknown fields are dropped. */
export function decodeConfig(bytes: Uint8Array): Config | undefined {
  const text = decodeText(bytes);
  if (text === undefined) return undefined;
  try {
    return checkedConfig(JSON.parse(text) as unknown, true);
  } catch {
    return undefined; // JSON.parse throws on malformed input only, and the caller is told.
  }
}

function checkedConfig(value: unknown, nextAllowed: boolean): Config | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, voters, learners, members, next } = value as Record<'id' | 'voters' | 'learners' | 'members' | 'next', unknown>;
  if (!isCount(id) || !isIds(voters) || !isIds(learners) || !Array.isArray(members) || !members.every(isMemberInfo))
    return undefined;
  const infos = members.map(({ id: member, name, peerUrls, diskId }) => ({ id: member, name, peerUrls, diskId }));
  if (next === undefined) return { id, voters, learners, members: infos };
  const half = nextAllowed ? checkedConfig(next, false) : undefined;
  return half === undefined ? undefined : { id, voters, learners, members: infos, next: half };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const maxMemberId = 2 ** 48 - 1;

function isMemberId(value: unknown): value is MemberId {
  return isCount(value) && value >= 1 && value <= maxMemberId;
}

function isIds(value: unknown): value is MemberId[] {
  return Array.isArray(value) && value.every(isMemberId) && new Set(value).size === value.length;
}

function isMemberInfo(value: unknown): value is MemberInfo {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, peerUrls, diskId } = value as Record<'id' | 'name' | 'peerUrls' | 'diskId', unknown>;
  const urls = Array.isArray(peerUrls) && peerUrls.every((url) => typeof url === 'string');
  return isMemberId(id) && typeof name === 'string' && urls && typeof diskId === 'string';
}
