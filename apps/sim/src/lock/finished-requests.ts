/** How many ends of requests a session remembers, by the description of the service. */
const remembered = 32;

/** The requests of one session that are over: nothing of them begins again. Of the older ones only the highest number is known. */
export class FinishedRequests {
  private readonly released = new Map<number, boolean>();
  private forgotten = 0;

  isOver(request: number): boolean {
    return request <= this.forgotten || this.released.has(request);
  }

  /** Whether its session released it, as far as that is remembered. */
  wasReleased(request: number): boolean {
    return this.released.get(request) === true;
  }

  finish(requests: readonly number[], released: boolean): void {
    for (const request of requests) this.released.delete(request);
    for (const request of requests) this.released.set(request, released);
    for (const [request] of this.released) {
      if (this.released.size <= remembered) break;
      this.released.delete(request);
      this.forgotten = Math.max(this.forgotten, request);
    }
  }
}
