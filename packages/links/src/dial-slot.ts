import type { TransportPeer } from '@quorate/interface';
import type { Connection } from './connection.ts';
import type { LinkHost } from './link-host.ts';
import type { LinkOptions } from './link-options.ts';

/** What a slot needs of the table of links. */
export interface SlotOwner {
  readonly host: LinkHost;
  readonly options: LinkOptions;
  /** A link to this peer is up, whoever dialled it. */
  isLinked(slot: DialSlot): boolean;
  /** Starts one attempt; undefined where the URL is of no use. */
  dial(slot: DialSlot, url: string): Connection | undefined;
}

/** Keeps dialling one peer while no link to it is up, for as long as it is in the set. */
export class DialSlot {
  readonly peer: TransportPeer;
  /** The attempt or link of this slot. */
  connection: Connection | undefined;
  private readonly owner: SlotOwner;
  private attempts = 0;
  private nextUrl = 0;
  private timer: { cancel(): void } | undefined;
  private closed = false;

  constructor(owner: SlotOwner, peer: TransportPeer) {
    this.owner = owner;
    this.peer = peer;
  }

  /** Dials now, unless there is a link, an attempt, or a pause that is not over. */
  start(): void {
    if (this.closed || this.timer !== undefined || this.connection !== undefined || this.owner.isLinked(this)) return;
    const { urls } = this.peer;
    const url = urls[this.nextUrl % Math.max(urls.length, 1)];
    this.nextUrl++;
    if (url !== undefined) this.connection = this.owner.dial(this, url);
    if (this.connection === undefined && url !== undefined) this.pause();
  }

  /** A connection to this peer ended: `upMs` milliseconds after its link came up, or undefined where none did. */
  ended(connection: Connection, upMs: number | undefined): void {
    if (this.connection === connection) this.connection = undefined;
    // A link that lasted shows that the peer is well; one that ends at once must not make us dial in a circle.
    if (upMs !== undefined && upMs >= this.owner.options.reconnectMaxMs) this.attempts = 0;
    this.pause();
  }

  /** A link to this peer is up: an attempt of our own that is still under way has become pointless. */
  linked(connection: Connection): void {
    this.timer?.cancel();
    this.timer = undefined;
    const own = this.connection;
    if (own !== undefined && own !== connection && !own.isUp) own.end('another connection came first');
  }

  /** Stops dialling. The connection is left to the caller. */
  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.timer = undefined;
  }

  private pause(): void {
    if (this.closed || this.timer !== undefined) return;
    const { reconnectMinMs, reconnectMaxMs } = this.owner.options;
    const full = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(this.attempts, 30));
    this.attempts++;
    // Half fixed, half chance: members that lost each other at once do not meet again at once.
    this.timer = this.owner.host.after(full * (0.5 + this.owner.host.random() / 2), () => {
      this.timer = undefined;
      this.start();
    });
  }
}
