import { at, compareEpochs, decodeConfig, lastOf, payloadBytes, payloadOf } from '@quorate/interface';
import type { Config, EntryBatch, MemberId } from '@quorate/interface';
import { isProposedUnder } from './acceptance.ts';
import type { Ballot } from './ballot.ts';
import type { Accept, Accepted, Chosen, ChosenRun, MultiPaxosMessage } from './messages.ts';

/**
 * What is wrong with a message that no correct member sends; undefined where nothing is. Everything behind this check may rely on
 * it: numbers are safe and not negative, ballots belong to who uses them, entries are well-formed and rise, with holes or not.
 */
export function malformation(from: MemberId, message: MultiPaxosMessage, entries: readonly EntryBatch[]): string | undefined {
  // The messages of every turn are told apart once: the engine is slow to read from places that see all of them.
  switch (message.kind) {
    case 'accept':
      return (
        malformedProposals(message.ballot, entries) ?? malformedOwner(from, message.ballot) ?? malformedChosen(message.chosen)
      );
    case 'accepted':
      if (entries.length > 0) return misplaced;
      return isBallot(message.ballot) ? malformedRuns(message.runs, 1) : notBallot;
    case 'chosen':
      return malformedBatches(entries) ?? malformedChosen(message.runs);
    default:
      return malformedEntries(message, entries) ?? malformedBallot(from, message) ?? malformedNumbers(message);
  }
}

type OtherMessage = Exclude<MultiPaxosMessage, Accept | Accepted | Chosen>;

function malformedOwner(from: MemberId, ballot: Ballot): string | undefined {
  if (!isBallot(ballot)) return notBallot;
  return ballot.owner === from ? undefined : 'a ballot of another member';
}

function malformedBallot(from: MemberId, message: OtherMessage): string | undefined {
  switch (message.kind) {
    case 'prepare':
    case 'heartbeat':
    case 'take-over':
      return malformedOwner(from, message.ballot);
    case 'promise':
    case 'heartbeat-response':
      return isBallot(message.ballot) ? undefined : notBallot;
    case 'nack':
      if (!isBallot(message.ballot) || !isBallot(message.promised)) return notBallot;
      return compareEpochs(message.ballot, message.promised) < 0 ? undefined : 'a refusal for a promise that is not higher';
    default:
      return undefined;
  }
}

function malformedNumbers(message: OtherMessage): string | undefined {
  switch (message.kind) {
    case 'prepare':
    case 'learn-request':
      return isSlot(message.fromSlot) ? undefined : notCount;
    case 'promise':
      if (!isSlot(message.fromSlot) || !isSlot(message.trimmedBelow)) return notCount;
      return message.toSlot === 0 || message.toSlot >= message.fromSlot
        ? counts(message.toSlot, message.chosenUpTo)
        : 'a chunk that ends before it begins';
    case 'heartbeat':
      return counts(message.chosenFrom, message.chosenUpTo, message.readRound);
    case 'heartbeat-response':
      return counts(message.readRound, message.chosenUpTo, message.lastSlot);
    case 'learn-reply':
      return isSlot(message.fromSlot) ? counts(message.chosenUpTo) : notCount;
    case 'learned':
      return counts(message.chosenUpTo);
    case 'have-snapshot':
      return malformedMeta(message.meta);
    case 'read-request':
    case 'read-query':
      return counts(message.incarnation, message.context);
    case 'read-reply':
      return counts(message.incarnation, message.context, message.index);
    case 'read-query-reply':
      return counts(message.incarnation, message.context, message.lastSlot);
    case 'nack':
    case 'take-over':
      return undefined;
    default:
      return 'an unknown kind';
  }
}

function malformedRuns(runs: readonly { readonly from: number; readonly to: number }[], least: number): string | undefined {
  if (runs.length < least) return 'runs of slots that are none';
  for (const { from, to } of runs) if (!isSlot(from) || !isSlot(to) || from > to) return 'runs of slots that are none';
  return undefined;
}

function malformedChosen(runs: readonly ChosenRun[]): string | undefined {
  const problem = malformedRuns(runs, 0);
  if (problem !== undefined) return problem;
  for (const { ballot } of runs) if (!isBallot(ballot)) return notBallot;
  return undefined;
}

function malformedProposals(ballot: Ballot, entries: readonly EntryBatch[]): string | undefined {
  if (entries.length === 0) return 'an accept without a proposal';
  const problem = malformedBatches(entries);
  if (problem !== undefined) return problem;
  return isProposedUnder(ballot, entries) ? undefined : 'a proposal under another ballot';
}

function malformedEntries(message: OtherMessage, entries: readonly EntryBatch[]): string | undefined {
  if (entries.length === 0) return undefined;
  if (message.kind !== 'promise' && message.kind !== 'learn-reply') return misplaced;
  return malformedBatches(entries) ?? (message.kind === 'promise' ? malformedVotes(message, entries) : undefined);
}

function malformedBatches(entries: readonly EntryBatch[]): string | undefined {
  let next = 1;
  for (const batch of entries) {
    const problem = malformedBatch(batch, next);
    if (problem !== undefined) return problem;
    next = lastOf(batch) + 1;
  }
  return undefined;
}

function malformedVotes(
  { ballot, fromSlot, toSlot }: Extract<MultiPaxosMessage, { kind: 'promise' }>,
  entries: readonly EntryBatch[],
): string | undefined {
  if (entries.some(({ epoch }) => compareEpochs(epoch, ballot) > 0)) return 'a vote above the promise';
  const first = at(entries, 0).first;
  const last = lastOf(at(entries, entries.length - 1));
  return first < fromSlot || (toSlot !== 0 && last > toSlot) ? 'votes outside of the chunk' : undefined;
}

function malformedBatch(batch: EntryBatch, next: number): string | undefined {
  const { first, count, epoch } = batch;
  if (!isSlot(first) || first < next || !isSlot(count) || !isSlot(first + count)) return 'entries that do not rise';
  if (!isBallot(epoch)) return notBallot;
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

// Without voters there is never a quorum: the group would be stuck for good.
function hasVoters(config: Config): boolean {
  return config.voters.length > 0 && config.next === undefined;
}

function malformedMeta(meta: Extract<MultiPaxosMessage, { kind: 'have-snapshot' }>['meta']): string | undefined {
  if (counts(meta.index, meta.ordinal, meta.bytes) !== undefined) return 'a snapshot with a number that is none';
  if (meta.index === 0 || !isBallot(meta.epoch)) return 'a snapshot of a position that cannot be';
  return meta.configs.length > 0 && meta.configs.every((config) => hasVoters(config))
    ? undefined
    : 'a snapshot without a configuration';
}

function counts(...values: readonly number[]): string | undefined {
  return values.every((value) => isCount(value)) ? undefined : notCount;
}

const notCount = 'a number that is no safe integer, or no slot';
const misplaced = 'entries beside a message that carries none';
const notBallot = 'a ballot that is none';
// Far above every round that is ever reached, and far below the end of the safe integers: nobody can push the others to that end (B-10).
const highestRound = 2 ** 52;

function isBallot({ round, owner }: Ballot): boolean {
  return isSlot(round) && round <= highestRound && isSlot(owner);
}

function isSlot(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
