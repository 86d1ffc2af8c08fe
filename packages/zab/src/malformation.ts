import { decodeConfig, lastOf, payloadBytes, payloadOf } from '@quorate/interface';
import type { Config, EntryBatch } from '@quorate/interface';
import { serverStates } from './messages.ts';
import type { Inform, Propose, Snap, ZabMessage } from './messages.ts';
import { decodeEpochStarts } from './zxid.ts';

/**
 * What is wrong with a message that no correct member sends; undefined where nothing is. Everything behind this check may rely on
 * it: numbers are safe and not negative, zxids are zxids, txns follow each other with epochs that never fall.
 */
export function malformation(message: ZabMessage, entries: readonly EntryBatch[]): string | undefined {
  if (message.kind === 'propose' || message.kind === 'inform') return malformedTxns(message, entries);
  return entries.length > 0 ? 'entries beside a message that carries none' : malformedOther(message);
}

function malformedTxns(message: Propose | Inform, entries: readonly EntryBatch[]): string | undefined {
  const { epoch, zxidEpoch, zxidCounter } = message;
  const [first] = entries;
  if (first === undefined) return 'txns that are not there';
  if (!isEpoch(epoch) || !isEpoch(zxidEpoch) || !isCount(zxidCounter) || zxidCounter === 0) return notZxid;
  if (first.epoch.round !== zxidEpoch) return 'a zxid of another epoch than its txn';
  let next = first.first;
  let newest = zxidEpoch;
  for (const batch of entries) {
    const problem = malformedBatch(batch, next, newest, epoch);
    if (problem !== undefined) return problem;
    next = lastOf(batch) + 1;
    newest = batch.epoch.round;
  }
  return undefined;
}

function malformedBatch(batch: EntryBatch, next: number, newest: number, leaderEpoch: number): string | undefined {
  const { first, count, epoch } = batch;
  if (!isCount(first) || first === 0 || first !== next || !isCount(count) || count === 0 || !isCount(first + count))
    return 'entries with a gap';
  if (epoch.owner !== 0 || !isEpoch(epoch.round) || epoch.round < newest || epoch.round > leaderEpoch)
    return 'epochs that fall, or are not epochs';
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

function malformedOther(message: Exclude<ZabMessage, Propose | Inform>): string | undefined {
  switch (message.kind) {
    case 'notification':
      if (message.state > serverStates.observing) return 'a state that is none';
      return (
        counts(message.leader, message.peerEpoch, message.round, message.state) ??
        zxid(message.zxidEpoch, message.zxidCounter) ??
        (message.round === 0 ? 'a round that never began' : undefined)
      );
    case 'cepoch':
      return counts(message.acceptedEpoch);
    case 'new-epoch':
    case 'ack-leader':
      return epochs(message.epoch);
    case 'ack-epoch':
      return (
        epochs(message.epoch) ??
        counts(message.currentEpoch) ??
        zxid(message.zxidEpoch, message.zxidCounter) ??
        (message.currentEpoch > message.epoch || message.zxidEpoch > message.epoch ? 'a history from the future' : undefined)
      );
    case 'diff':
    case 'trunc':
    case 'new-leader':
    case 'up-to-date':
    case 'stored':
      return epochs(message.epoch) ?? zxid(message.zxidEpoch, message.zxidCounter);
    case 'snap':
      return epochs(message.epoch) ?? malformedMeta(message);
    case 'ack':
    case 'commit':
      return epochs(message.epoch) ?? counts(message.from, message.to) ?? run(message.from, message.to);
    case 'ping':
    case 'pong':
      return counts(message.epoch, message.readRound);
    case 'sync':
      return epochs(message.epoch) ?? counts(message.incarnation, message.context);
    case 'sync-response':
      return epochs(message.epoch) ?? counts(message.incarnation, message.context, message.index);
    case 'designate':
      return epochs(message.epoch) ?? counts(message.leader);
    default:
      return 'an unknown kind';
  }
}

function malformedMeta({ epoch, meta }: Snap): string | undefined {
  if (counts(meta.index, meta.epoch.round, meta.ordinal, meta.bytes) !== undefined)
    return 'a snapshot with a number that is none';
  if (meta.index === 0 || meta.epoch.round === 0 || meta.epoch.round > epoch || meta.epoch.owner !== 0)
    return 'a snapshot of a position that cannot be';
  const last = decodeEpochStarts(meta.core)?.at(-1);
  if (last === undefined || last.epoch !== meta.epoch.round || last.first > meta.index)
    return 'a snapshot whose table of epochs does not end with its own';
  return meta.configs.length > 0 && meta.configs.every((config) => hasVoters(config))
    ? undefined
    : 'a snapshot without a configuration';
}

function run(from: number, to: number): string | undefined {
  return from >= 1 && from <= to ? undefined : 'a run that is empty, or falls';
}

function zxid(epoch: number, counter: number): string | undefined {
  return isCount(epoch) && isCount(counter) && (epoch === 0) === (counter === 0) ? undefined : notZxid;
}

function epochs(epoch: number): string | undefined {
  return isEpoch(epoch) ? undefined : 'an epoch that is no positive integer';
}

function isEpoch(value: number): boolean {
  return isCount(value) && value > 0;
}

const notZxid = 'a zxid that is none';

function counts(...values: readonly number[]): string | undefined {
  return values.every((value) => isCount(value)) ? undefined : notCount;
}

const notCount = 'a number that is no safe integer';

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
