import { decodeConfig, lastOf, payloadBytes, payloadOf } from '@quorate/interface';
import type { Config, EntryBatch, MemberId } from '@quorate/interface';
import type { AppendEntries, RaftMessage } from './messages.ts';

/**
 * What is wrong with a message that no correct member sends; undefined where nothing is. Everything behind this check may rely on
 * it: numbers are safe and not negative, senders are who they say, entries follow each other with terms that never fall.
 */
export function malformation(from: MemberId, message: RaftMessage, entries: readonly EntryBatch[]): string | undefined {
  if (!isCount(message.term) || message.term === 0) return 'a term that is no positive integer';
  if (message.kind === 'append') return malformedAppend(from, message, entries);
  return entries.length > 0 ? 'entries beside a message that carries none' : malformedOther(from, message);
}

function malformedAppend(from: MemberId, message: AppendEntries, entries: readonly EntryBatch[]): string | undefined {
  const { term, leader, prevLogIndex, prevLogTerm, leaderCommit, notice } = message;
  if (leader !== from) return 'an append in the name of another';
  if (!isCount(prevLogIndex) || !isCount(prevLogTerm) || !isCount(leaderCommit)) return 'a number that is no index or term';
  if (prevLogTerm > term) return 'an entry from the future';
  if (prevLogIndex === 0 ? prevLogTerm !== 0 : prevLogTerm === 0) return 'a term that does not belong to the index';
  if (notice && entries.length > 0) return 'a notice with entries';
  let next = prevLogIndex + 1;
  let newest = prevLogTerm;
  for (const batch of entries) {
    const problem = malformedBatch(batch, next, newest, term);
    if (problem !== undefined) return problem;
    next = lastOf(batch) + 1;
    newest = batch.epoch.round;
  }
  return undefined;
}

function malformedBatch(batch: EntryBatch, next: number, newest: number, term: number): string | undefined {
  const { first, count, epoch } = batch;
  if (first !== next || !isCount(count) || count === 0 || !isCount(first + count)) return 'entries with a gap';
  if (epoch.owner !== 0 || !isCount(epoch.round) || epoch.round < newest || epoch.round > term || epoch.round === 0)
    return 'terms that fall, or are not terms';
  if (batch.ends.length !== count || batch.checksums.length !== count) return 'a run with another number of ends or checksums';
  let bytes = 0;
  for (const chunk of batch.body) bytes += chunk.length;
  if (bytes !== payloadBytes(batch)) return 'a body of another length than its ends say';
  return batch.kind === 'config' ? malformedConfigs(batch) : undefined;
}

function malformedConfigs(batch: EntryBatch): string | undefined {
  if (!holdsWholePayloads(batch)) return 'ends that fall, or a payload over two chunks';
  for (let index = batch.first; index <= lastOf(batch); index++) {
    const config = decodeConfig(payloadOf(batch, index));
    if (config === undefined || !hasVoters(config)) return 'a configuration that cannot be read, or has no voters';
  }
  return undefined;
}

// Configurations are read here, so that their places are looked at first; commands are opaque, and the wire's reader has checked theirs.
function holdsWholePayloads({ ends, body }: EntryBatch): boolean {
  let start = 0;
  let chunk = 0;
  let chunkEnd = 0;
  for (const end of ends) {
    if (end === start) continue;
    if (end < start) return false;
    while (chunkEnd <= start) {
      const piece = body[chunk++];
      if (piece === undefined) return false;
      chunkEnd += piece.length;
    }
    if (end > chunkEnd) return false;
    start = end;
  }
  return true;
}

// A half without voters never has a quorum: the group would be stuck for good.
function hasVoters(config: Config): boolean {
  return config.voters.length > 0 && (config.next === undefined || config.next.voters.length > 0);
}

function malformedOther(from: MemberId, message: Exclude<RaftMessage, AppendEntries>): string | undefined {
  switch (message.kind) {
    case 'pre-vote':
    case 'request-vote':
      if (message.candidate !== from) return 'a candidacy in the name of another';
      return isCount(message.lastLogIndex) && isCount(message.lastLogTerm) && message.lastLogTerm < message.term
        ? undefined
        : 'a claim about a log that cannot be';
    case 'append-response':
      return isCount(message.matchIndex) &&
        isCount(message.rejectedIndex) &&
        isCount(message.hintIndex) &&
        isCount(message.hintTerm)
        ? undefined
        : notCount;
    case 'heartbeat':
      return message.leader === from ? counts(message.commit, message.readContext) : 'a heartbeat in the name of another';
    case 'heartbeat-response':
      return counts(message.readContext);
    case 'install-snapshot':
      return message.leader === from ? malformedMeta(message.meta, message.term) : 'a snapshot in the name of another';
    case 'install-snapshot-response':
      return counts(message.offeredIndex, message.acceptedUpTo);
    case 'read-index':
      return counts(message.incarnation, message.context);
    case 'read-index-response':
      return counts(message.incarnation, message.context, message.index);
    case 'pre-vote-response':
    case 'request-vote-response':
    case 'timeout-now':
      return undefined;
    default:
      return 'an unknown kind';
  }
}

function malformedMeta(meta: Extract<RaftMessage, { kind: 'install-snapshot' }>['meta'], term: number): string | undefined {
  if (counts(meta.index, meta.epoch.round, meta.ordinal, meta.bytes) !== undefined)
    return 'a snapshot with a number that is none';
  if (meta.index === 0 || meta.epoch.round === 0 || meta.epoch.round > term || meta.epoch.owner !== 0)
    return 'a snapshot of a position that cannot be';
  return meta.configs.length > 0 && meta.configs.every((config) => hasVoters(config))
    ? undefined
    : 'a snapshot without a configuration';
}

function counts(...values: readonly number[]): string | undefined {
  return values.every((value) => isCount(value)) ? undefined : notCount;
}

const notCount = 'a number that is no safe integer';

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
