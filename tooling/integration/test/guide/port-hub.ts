import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** Where ends find each other: it hands out pairs of message ports by URL. In a real program it sits in the main thread. */
export class PortHub {
  readonly #listeners: Map<string, (port: MessagePort) => void> = new Map();
  readonly #wires: { readonly names: readonly [string, string]; readonly port: MessagePort }[] = [];

  /** False where somebody listens there already. */
  listen(url: string, accept: (port: MessagePort) => void): boolean {
    if (this.#listeners.has(url)) return false;
    this.#listeners.set(url, accept);
    return true;
  }

  leave(url: string): void {
    this.#listeners.delete(url);
  }

  /** A port to whoever listens at `url`; undefined: nobody does. `from` names the dialling end. */
  dial(url: string, from: string): MessagePort | undefined {
    const accept = this.#listeners.get(url);
    if (accept === undefined) return undefined;
    const { port1, port2 } = new MessageChannel();
    this.#wires.push({ names: [url, from], port: port1 });
    accept(port2);
    return port1;
  }

  /** Breaks the connections between two ends without a word to either. */
  sever(one: string, other: string): void {
    for (const { names, port } of this.#wires) if (names.includes(one) && names.includes(other)) port.close();
  }
}
