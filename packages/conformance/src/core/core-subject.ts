import type { CoreKind, EntryBatch, MemberId } from '@quorate/interface';
import type { Manifest } from '../conformance-case.ts';

/**
 * `failover`: another member can lead where the leader is gone, or hands over; a core without it gives its reason. `datagrams`: bears loss, repetition and disorder on a link that stays up. `partialLinks`: elects through one member that reaches
 * the others. The rest are the abilities that a core declares.
 */
export type CoreCapability = 'failover' | 'datagrams' | 'partialLinks' | 'outOfOrderChoice' | 'quorumReads' | 'reconfigure';

/** A message that no correct member sends. */
export interface ImpossibleMessage<M> {
  readonly what: string;
  readonly message: M;
  readonly entries?: readonly EntryBatch[];
}

/** A core with what the suite cannot know. */
export interface CoreSubject<M> {
  readonly kind: CoreKind<M>;
  /** Virtual milliseconds within which a healthy group surely has a settled leader, also after an election that failed. */
  readonly settleMs: number;
  /** Messages that no correct member sends, in the name of `from`, who is another member. */
  readonly impossible: (from: MemberId) => readonly ImpossibleMessage<M>[];
}

/** What a core declares about itself, as a manifest. */
export function coreManifest<M>(kind: CoreKind<M>): Manifest<CoreCapability> {
  const { protocol, needs, abilities } = kind;
  const declares = (is: boolean, reason: string): true | string => is || `${protocol} ${reason}`;
  return {
    // Whoever elects can say so in silence. A core with one leader for ever takes it back: `{ ...coreManifest(kind), failover: 'why not' }`.
    failover: true,
    datagrams: declares(!needs.fifoLinks, 'needs links that are in order and complete'),
    partialLinks: declares(abilities.electsThroughPartialLinks, 'elects only among members that all reach each other'),
    outOfOrderChoice: declares(abilities.outOfOrderChoice, 'decides in the order of its log'),
    quorumReads: declares(abilities.quorumReads, 'reads through its leader'),
    reconfigure: declares(abilities.reconfigure, 'does not change its members yet'),
  };
}
