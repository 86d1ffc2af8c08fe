import type { MessagePort } from 'node:worker_threads';
import type { LinkKind, MemberId } from '@quorate/interface';

/** What travels through a port. */
export type Parcel =
  | { readonly type: 'hello'; readonly hello: Uint8Array }
  | { readonly type: 'welcome' }
  | { readonly type: 'refuse'; readonly text: string }
  | { readonly type: 'frame'; readonly frame: Uint8Array }
  /** The receiver took so many bytes. A port has no back-pressure of its own, so that a sender must count. */
  | { readonly type: 'taken'; readonly bytes: number }
  | { readonly type: 'bye'; readonly reason: string };

/** Who is at the other end of a link. */
export interface Other {
  readonly peer: MemberId;
  readonly kind: LinkKind;
  readonly incarnation: number;
}

/** One connection: before it is admitted, while it is a link, and no longer than that. */
export class PortLink {
  readonly port: MessagePort;
  /** The member of the set that was dialled and under which URL; undefined: the other end dialled. */
  readonly dialled: { readonly id: MemberId; readonly url: string } | undefined;
  other: Other | undefined;
  /** Its number, once it is up. */
  number = 0;
  isOver = false;
  queuedBytes = 0;
  wasLong = false;
  #waiting: Uint8Array<ArrayBuffer>[] = [];

  constructor(port: MessagePort, dialled: PortLink['dialled']) {
    this.port = port;
    this.dialled = dialled;
  }

  post(parcel: Parcel): void {
    this.port.postMessage(parcel, []);
  }

  /** Queues a copy: what is posted is given away, and chunks are shared with everybody. */
  push(chunks: readonly Uint8Array[]): void {
    const frame = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let offset = 0;
    for (const chunk of chunks) {
      frame.set(chunk, offset);
      offset += chunk.length;
    }
    this.#waiting.push(frame);
    this.queuedBytes += frame.length;
  }

  flush(): void {
    for (const frame of this.#waiting.splice(0)) this.port.postMessage({ type: 'frame', frame }, [frame.buffer]);
  }

  end(parcel: Parcel): void {
    this.isOver = true;
    this.queuedBytes = 0;
    this.#waiting = [];
    this.post(parcel);
    this.port.close();
  }
}
