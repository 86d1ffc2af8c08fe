import type { LinkHost } from '@quorate/links';

// A ROUTER hears that some connection ended a moment before the connection is gone for it; a busy machine makes that moment long.
const delaysMs = [2, 20, 200] as const;

/** Asks connections whether they are still there, a few times after ZeroMQ said that one of them is not, without saying which. */
export class Prober {
  private readonly host: LinkHost;
  private readonly probe: () => void;
  private timer: { cancel(): void } | undefined;
  private place = 0;

  constructor(host: LinkHost, probe: () => void) {
    this.host = host;
    this.probe = probe;
  }

  /**
   * Begins a round. One that is under way is never put off, or strangers that come and go would keep it from ever asking; it only
   * asks sooner again where its last question was far away, and they cannot make it ask all the time either.
   */
  start(): void {
    if (this.timer === undefined) this.wait(0);
    else if (this.place === delaysMs.length - 1) {
      this.timer.cancel();
      this.wait(1);
    }
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private wait(place: number): void {
    const delayMs = delaysMs[place];
    this.place = place;
    this.timer =
      delayMs === undefined
        ? undefined
        : this.host.after(delayMs, () => {
            this.probe();
            this.wait(place + 1);
          });
  }
}
