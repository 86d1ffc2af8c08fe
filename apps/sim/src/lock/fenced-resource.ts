import type { FencedWrite } from '@quorate/linearizability';

/** What a write met, beside the decision of the resource. */
export interface FencedDelivery extends FencedWrite {
  /** Its client still held the lock when the write arrived. */
  readonly held: boolean;
}

/**
 * Storage outside of the cluster that a lock guards: it remembers the highest token that it saw, and refuses lower ones. Writes reach it
 * late, as they do when their client was stopped on the way.
 */
export class FencedResource {
  readonly deliveries: FencedDelivery[] = [];
  private highest = 0;

  write(client: string, token: number, held: boolean): void {
    const accepted = token >= this.highest;
    if (accepted) this.highest = token;
    this.deliveries.push({ client, token, accepted, held });
  }

  /** A holder that is refused has a token that is not the highest: the one thing that a fencing token promises. */
  problems(): readonly string[] {
    return this.deliveries
      .filter(({ held, accepted }) => held && !accepted)
      .map(({ client, token }) => `the holder ${client} was refused: its token ${token} is below one that was seen before`);
  }
}
