import type { KindFactory, TraceOptions } from '@quorate/datadriven';
import type { CoreKind } from '@quorate/interface';
import { multiPaxos, type MultiPaxosMessage } from '@quorate/multi-paxos';
import { raft, type RaftMessage } from '@quorate/raft';
import { zab, type ZabMessage } from '@quorate/zab';

export type Message = RaftMessage | MultiPaxosMessage | ZabMessage;
export type Protocol = 'raft' | 'multi-paxos' | 'zab';
export const protocols: readonly Protocol[] = ['raft', 'multi-paxos', 'zab'];

/** What stories ask for. A core takes of it what it has; each story means the same on all three. */
function optionsOf(options: TraceOptions): {
  readonly timing: { readonly electionTimeoutMs: number; readonly heartbeatMs: number };
  readonly isPlain: boolean;
  readonly q1Size: number;
  readonly q2Size: number;
} {
  return {
    timing: { electionTimeoutMs: options.number('election', 1000), heartbeatMs: options.number('heartbeat', 100) },
    // Without what practice has added against loud members: pre-votes, stickiness, the check of a quorum; damping.
    isPlain: options.flag('plain'),
    q1Size: options.number('q1', 0),
    q2Size: options.number('q2', 0),
  };
}

const makers: Readonly<Record<Protocol, KindFactory<Message>>> = {
  raft(words): CoreKind<Message> {
    const { timing, isPlain } = optionsOf(words);
    return raft({ ...timing, preVote: !isPlain, checkQuorum: !isPlain, voteStickiness: !isPlain });
  },
  'multi-paxos'(words): CoreKind<Message> {
    const { timing, isPlain, q1Size, q2Size } = optionsOf(words);
    return multiPaxos({ ...timing, damping: !isPlain, q1Size, q2Size });
  },
  zab(words): CoreKind<Message> {
    const { timing } = optionsOf(words);
    return zab({ ...timing, finalizeWaitMs: timing.electionTimeoutMs / 5 });
  },
};

/** What an acknowledgement says about the log: everything up to `to` where `from` is 1, else a run. */
export interface Claim {
  readonly from: number;
  readonly to: number;
}

/** News of a choice: what it names. */
export interface Notice {
  readonly names: 'an upper bound' | 'a run' | 'a run and its ballot';
  readonly to: number;
}

/** A vote, or a promise: in which round, term or ballot, and for whom. */
export interface Grant {
  readonly number: string;
  readonly whom: number;
}

/** How to read a core's messages. It belongs to the core, not to the column that the core is judged by. */
export interface Vocabulary {
  readonly elects: readonly string[];
  readonly synchronizes: readonly string[];
  readonly votes: string;
  readonly replicates: string;
  /** Acknowledgements of entries. `firstOf`: the index of the first txn of an epoch, where an acknowledgement counts from there. */
  claims(message: Message, firstOf: (epoch: number) => number): readonly Claim[];
  notice(message: Message, firstOf: (epoch: number) => number): Notice | undefined;
  grant(message: Message, to: number): Grant | undefined;
}

export const vocabularies: Readonly<Record<Protocol, Vocabulary>> = {
  raft: {
    elects: ['pre-vote', 'pre-vote-response', 'request-vote', 'request-vote-response'],
    synchronizes: [],
    votes: 'request-vote-response',
    replicates: 'append',
    claims: (message) =>
      message.kind === 'append-response' && 'matchIndex' in message && message.success
        ? [{ from: 1, to: message.matchIndex }]
        : [],
    notice: (message) => (message.kind === 'append' ? { names: 'an upper bound', to: message.leaderCommit } : undefined),
    grant: (message, to) =>
      message.kind === 'request-vote-response' && message.granted ? { number: `${message.term}`, whom: to } : undefined,
  },
  'multi-paxos': {
    elects: ['prepare', 'promise', 'nack'],
    synchronizes: [],
    votes: 'promise',
    replicates: 'accept',
    claims: (message) => (message.kind === 'accepted' ? message.runs : []),
    notice(message) {
      const runs = message.kind === 'chosen' ? message.runs : message.kind === 'accept' ? message.chosen : [];
      return runs.length === 0 ? undefined : { names: 'a run and its ballot', to: Math.max(...runs.map((run) => run.to)) };
    },
    grant: (message) =>
      message.kind === 'promise'
        ? { number: `${message.ballot.round}.${message.ballot.owner}`, whom: message.ballot.owner }
        : undefined,
  },
  zab: {
    elects: ['notification', 'cepoch', 'new-epoch', 'ack-epoch'],
    synchronizes: ['diff', 'trunc', 'snap', 'new-leader', 'ack-leader', 'up-to-date'],
    votes: 'notification',
    replicates: 'propose',
    claims(message, firstOf) {
      if (message.kind !== 'ack') return [];
      const before = firstOf(message.epoch) - 1;
      return [{ from: before + message.from, to: before + message.to }];
    },
    notice: (message, firstOf) =>
      message.kind === 'commit' ? { names: 'a run', to: firstOf(message.epoch) - 1 + message.to } : undefined,
    grant: (message) =>
      message.kind === 'notification' && message.state === 0 ? { number: `${message.round}`, whom: message.leader } : undefined,
  },
};

/** A core under examination. */
export interface Subject {
  readonly core: Protocol;
  readonly abilities: CoreKind<Message>['abilities'];
  readonly kinds: KindFactory<Message>;
  readonly words: Vocabulary;
}

export const subjects: Readonly<Record<Protocol, Subject>> = {
  raft: { core: 'raft', abilities: raft().abilities, kinds: makers.raft, words: vocabularies.raft },
  'multi-paxos': {
    core: 'multi-paxos',
    abilities: multiPaxos().abilities,
    kinds: makers['multi-paxos'],
    words: vocabularies['multi-paxos'],
  },
  zab: { core: 'zab', abilities: zab().abilities, kinds: makers.zab, words: vocabularies.zab },
};
