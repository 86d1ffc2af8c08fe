import type { ConsensusErrorCode, Forward, ForwardRefused, LinkId, MemberId } from '@quorate/interface';
import { EnvelopeReader, isTenured } from './envelope.ts';
import type { Links } from './links.ts';
import type { Member } from './member.ts';
import type { KeptSequences } from './run-builder.ts';

/** A batch that a leader was given. */
interface Handed {
  readonly token: number;
  readonly link: LinkId;
  readonly sequences: KeptSequences;
}

/**
 * Commands between members, in batches, for all protocols alike. The origin answers after its own apply, so no result crosses
 * the wire; only a batch that was never appended is answered, with a refusal.
 */
export class Forwarding<M> {
  private readonly member: Member<M>;
  private readonly links: Links<M>;
  private readonly reader = new EnvelopeReader();
  private handed: Handed[] = [];
  private nextToken = 1;
  /** The token of the newest batch that each link brought. */
  private readonly newest = new Map<LinkId, number>();

  constructor(member: Member<M>, links: Links<M>) {
    this.member = member;
    this.links = links;
  }

  /** The link to the leader, where another member leads. */
  leaderLink(): LinkId | undefined {
    const leader = this.member.role?.leader;
    if (leader === undefined || leader === this.member.options.self) return undefined;
    return this.links.linkOf(leader);
  }

  send(link: LinkId, sequences: KeptSequences, batch: { lengths: readonly number[]; body: readonly Uint8Array[] }): void {
    const token = this.nextToken++;
    this.handed.push({ token, link, sequences });
    this.links.sendRuntime(link, 'log', { kind: 'forward', token, lengths: batch.lengths }, batch.body);
  }

  /** Forgets batches that nobody waits for any more. */
  trim(lowest: number): void {
    let done = 0;
    while (done < this.handed.length && (this.handed[done] as Handed).sequences.last < lowest) done += 1;
    if (done > 16 || done === this.handed.length) this.handed.splice(0, done);
  }

  /** The batch that a refusal names, if it is still waited for. */
  takeRefused(link: LinkId, refusal: ForwardRefused): KeptSequences | undefined {
    const place = this.handed.findIndex(({ token }) => token === refusal.token);
    const found = place < 0 ? undefined : this.handed[place];
    if (found === undefined || found.link !== link) return undefined;
    this.handed.splice(place, 1);
    return found.sequences;
  }

  refuse(link: LinkId, token: number, code: ConsensusErrorCode): void {
    this.member.counters.refused += 1;
    this.links.sendRuntime(link, 'log', { kind: 'forward-refused', token, code, leader: this.member.role?.leader }, []);
  }

  /**
   * True for a batch that was not met before. On one link tokens rise: another one was repeated or overtaken on its way (datagrams),
   * and is dropped like a lost one, because proposing it again would let its commands act twice.
   */
  isNew(link: LinkId, token: number): boolean {
    if (token <= (this.newest.get(link) ?? 0)) return false;
    this.newest.set(link, token);
    return true;
  }

  linkDown(link: LinkId): void {
    this.newest.delete(link);
  }

  /** False: a correct member cannot have sent this. */
  check(peer: MemberId, message: Forward, raw: Uint8Array): boolean {
    const bound = this.member.options.limits.commandBytes + 128;
    let start = 0;
    for (const length of message.lengths) {
      if (length > bound || start + length > raw.length) return false;
      const { reader } = this;
      if (reader.read(raw.subarray(start, start + length)) !== 'ok' || reader.origin !== peer) return false;
      // A member that leads no more must not begin a tenure in the name of the one that does.
      if (isTenured(reader.kind)) return false;
      start += length;
    }
    return start === raw.length && start > 0;
  }

  /** Offset of the command in a wrapped one that is known to be well-formed. */
  commandAt(payload: Uint8Array): number {
    this.reader.read(payload);
    return this.reader.commandAt;
  }
}
