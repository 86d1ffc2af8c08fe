import type { MessageCodec } from '@quorate/interface';

/** Messages that are still on their way, at most: older ones are long delivered or lost. */
const keptMessages = 65_536;

/**
 * Hands messages over as they are: the head is a number, the message stays in memory. Quicker than a real codec, and it proves that
 * nobody changes a message after it was sent: all receivers share it. One per world.
 */
export class HandleCodec<M> implements MessageCodec<M> {
  readonly protocol: string;
  readonly version: number;
  private readonly kept: (M | undefined)[] = [];
  private count = 0;

  constructor(real: MessageCodec<M>) {
    this.protocol = real.protocol;
    this.version = real.version;
  }

  encode(message: M): Uint8Array {
    const number = this.count++;
    this.kept[number % keptMessages] = message;
    const head = new Uint8Array(4);
    for (let place = 0; place < 4; place++) head[place] = (number >>> (8 * place)) & 0xff;
    return head;
  }

  decode(head: Uint8Array): M | undefined {
    if (head.length !== 4) return undefined;
    let number = 0;
    for (let place = 3; place >= 0; place--) number = number * 256 + (head[place] ?? 0);
    return number < this.count && number >= this.count - keptMessages ? this.kept[number % keptMessages] : undefined;
  }
}
