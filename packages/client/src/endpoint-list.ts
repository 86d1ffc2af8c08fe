import { at } from '@quorate/interface';
import type { MemberId } from '@quorate/interface';

interface Endpoint {
  readonly url: string;
  /** Known once it was met. */
  member: MemberId | undefined;
  /** Failed dials and links in a row. */
  failures: number;
  /** Monotonic milliseconds before which it is not dialled. */
  restsUntilMs: number;
  /** The same for leaving another one that works: longer, or an unreachable leader would cost more than it gives. */
  avoidedUntilMs: number;
  /** Why it is never dialled again: a member of another cluster. */
  refused: string | undefined;
}

/** A choice: which endpoint, and not before when. */
export interface EndpointChoice {
  readonly place: number;
  readonly notBeforeMs: number;
}

const firstRestMs = 20;
const longestRestMs = 2000;
const firstAvoidMs = 1000;
const longestAvoidMs = 60_000;

/** Which member's door to knock at next. Pure: told what happened, asked what to do. */
export class EndpointList {
  readonly #endpoints: readonly Endpoint[];
  readonly #random: () => number;

  constructor(urls: readonly string[], random: () => number) {
    this.#endpoints = urls.map((url) => ({
      url,
      member: undefined,
      failures: 0,
      restsUntilMs: 0,
      avoidedUntilMs: 0,
      refused: undefined,
    }));
    this.#random = random;
  }

  get count(): number {
    return this.#endpoints.length;
  }

  url(place: number): string {
    return at(this.#endpoints, place).url;
  }

  member(place: number): MemberId | undefined {
    return at(this.#endpoints, place).member;
  }

  /** It answered as this member. */
  met(place: number, member: MemberId): void {
    const endpoint = at(this.#endpoints, place);
    endpoint.member = member;
    endpoint.failures = 0;
    endpoint.restsUntilMs = 0;
    endpoint.avoidedUntilMs = 0;
  }

  /** It could not be reached, or its link ended, or it does not answer: it rests, twice as long each time. */
  failed(place: number, nowMs: number): void {
    const endpoint = at(this.#endpoints, place);
    const restMs = Math.min(firstRestMs * 2 ** endpoint.failures, longestRestMs);
    endpoint.avoidedUntilMs = nowMs + Math.min(firstAvoidMs * 2 ** endpoint.failures, longestAvoidMs);
    endpoint.failures++;
    endpoint.restsUntilMs = nowMs + restMs * (0.5 + this.#random() / 2);
  }

  /** It is no member of our cluster. */
  refuse(place: number, reason: string): void {
    at(this.#endpoints, place).refused = reason;
  }

  /** Why no endpoint is left, where none is. */
  hopeless(): string | undefined {
    return this.#endpoints.every((endpoint) => endpoint.refused !== undefined) ? this.#endpoints[0]?.refused : undefined;
  }

  /** The next one in turn that does not rest; if all do, the one that is ready first. Undefined: none is left. */
  next(after: number, nowMs: number): EndpointChoice | undefined {
    let best: EndpointChoice | undefined;
    for (let step = 1; step <= this.#endpoints.length; step++) {
      const place = (after + step) % this.#endpoints.length;
      const endpoint = at(this.#endpoints, place);
      if (endpoint.refused !== undefined) continue;
      if (endpoint.restsUntilMs <= nowMs) return { place, notBeforeMs: nowMs };
      if (best === undefined || endpoint.restsUntilMs < best.notBeforeMs) best = { place, notBeforeMs: endpoint.restsUntilMs };
    }
    return best;
  }

  /** Where the leader's door is, as far as known; else one that was never met and may be it. Undefined: stay. */
  towards(leader: MemberId, present: number, nowMs: number): number | undefined {
    const fit = (endpoint: Endpoint): boolean => endpoint.refused === undefined && endpoint.avoidedUntilMs <= nowMs;
    const known = this.#endpoints.findIndex((endpoint) => endpoint.member === leader);
    if (known >= 0) return known !== present && fit(at(this.#endpoints, known)) ? known : undefined;
    const unmet = this.#endpoints.findIndex((endpoint) => endpoint.member === undefined && fit(endpoint));
    return unmet >= 0 && unmet !== present ? unmet : undefined;
  }
}
