import type { FencedWrite } from '@quorate/linearizability';

/** What an access met, beside the decision of the resource. */
export interface FencedDelivery extends FencedWrite {
  readonly shared: boolean;
  /** Its client still held the lock, in the way in which it was asked for, when the access arrived. */
  readonly held: boolean;
}

/**
 * Storage outside of the cluster that a lock guards. It remembers the highest token that it saw of anybody, and of an exclusive holder:
 * an exclusive holder is refused below the first, others below the second, for they may have each other beside them. Accesses reach
 * it late, as they do when their client was stopped on the way.
 */
export class FencedResource {
  readonly deliveries: FencedDelivery[] = [];
  /** How many may hold what guards it at a time, beside each other. */
  private readonly permits: number;
  private highest = 0;
  private highestExclusive = 0;

  constructor(permits: number = Number.POSITIVE_INFINITY) {
    this.permits = permits;
  }

  access({ client, token, shared, held }: Omit<FencedDelivery, 'accepted'>): void {
    const accepted = token >= (shared ? this.highestExclusive : this.highest);
    if (accepted) this.highest = Math.max(this.highest, token);
    if (accepted && !shared) this.highestExclusive = Math.max(this.highestExclusive, token);
    this.deliveries.push({ client, token, accepted, shared, held });
  }

  /** A holder that is refused has a token below one that it should be above: the one thing that a fencing token promises. */
  problems(): readonly string[] {
    const refused = this.deliveries
      .filter(({ held, accepted }) => held && !accepted)
      .map(({ client, token }) => `the holder ${client} was refused: its token ${token} is below one that was seen before`);
    return [...refused, ...this.interleaved()];
  }

  /** Sections of holders, each from the first to the last access of one kind under one token while it was held. */
  private interleaved(): readonly string[] {
    const held = this.deliveries.filter((delivery) => delivery.held);
    const last = new Map<string, FencedDelivery>();
    for (const delivery of held) last.set(sectionOf(delivery), delivery);
    const problems: string[] = [];
    const open = new Map<string, FencedDelivery>();
    for (const delivery of held) {
      open.set(sectionOf(delivery), delivery);
      for (const other of open.values()) {
        if (other.client !== delivery.client && !(other.shared && delivery.shared))
          problems.push(`sections of ${other.client} and ${delivery.client} interleave, and one of them is to be alone`);
      }
      if (open.size > this.permits) problems.push(`${open.size} hold at a time what has ${this.permits} permits`);
      if (last.get(sectionOf(delivery)) === delivery) open.delete(sectionOf(delivery));
    }
    return problems;
  }
}

function sectionOf({ token, shared }: FencedDelivery): string {
  return `${token} ${shared}`;
}
