import { frameHead, frameTypes, parseFrame } from '@quorate/interface';
import type { Admission, Hello, LinkId, MemberId, RuntimeMessage, TransportHandlers } from '@quorate/interface';
import { Alarm } from './alarm.ts';
import { EndpointList } from './endpoint-list.ts';
import type { ResolvedClientOptions } from './options.ts';

/** What a connection tells its owner. */
export interface ConnectionEvents {
  /** A member answered and may be spoken to. */
  up(): void;
  /** What was sent and not answered may have arrived. Comes once for each `up`. */
  down(reason: string): void;
  /** `rest`: the raw bytes behind the head. */
  message(message: RuntimeMessage, rest: Uint8Array): void;
  /** No endpoint is left, or the transport could not start. `code` and `text` as in errors. */
  hopeless(text: string): void;
}

const wireVersion = 1;

/**
 * One link at a time to one of the endpoints. The endpoints' member ids are known only after the hello, so the transport is given
 * one peer at a time, numbered by the place of its endpoint.
 */
export class Connection {
  readonly #options: ResolvedClientOptions;
  readonly #events: ConnectionEvents;
  readonly #endpoints: EndpointList;
  readonly #dialAlarm: Alarm;
  #clusterId: string;
  #place = 0;
  #link: LinkId | undefined;
  #dialUntilMs = Infinity;
  #startsAtMs = Infinity;
  #movedAtMs = -Infinity;
  #closed = false;
  /** Why the member that answered this dial was refused. */
  #refusal: string | undefined;
  /** What the transport said of each endpoint since it was last met: it does not say the same again and again. */
  readonly #told = new Map<number, string>();
  /** Dials without success since the last link. */
  attempts = 0;
  /** Why the last dial or link failed. */
  lastTrouble = '';
  /** Frames and answers that no correct member sends. */
  malformed = 0;

  constructor(options: ResolvedClientOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#clusterId = options.clusterId;
    this.#endpoints = new EndpointList(options.endpoints, () => options.host.random());
    this.#dialAlarm = new Alarm(options.host, () => this.#dialDue());
  }

  get isUp(): boolean {
    return this.#link !== undefined;
  }

  /** Where the connection is, or is going. */
  get endpoint(): string {
    return this.#endpoints.url(this.#place);
  }

  /** The member that is spoken to. */
  get member(): MemberId | undefined {
    return this.#link === undefined ? undefined : this.#endpoints.member(this.#place);
  }

  start(): void {
    const handlers: TransportHandlers = {
      hello: this.#options.codec.encode(clientHello(this.#clusterId)),
      self: 0,
      admit: (hello) => this.#admit(hello),
      linkUp: (peer, link) => this.#linkUp(peer, link),
      linkDown: (_peer, link, reason) => this.#linkDown(link, reason),
      frame: (link, frame) => this.#frame(link, frame),
      drained: () => undefined,
      trouble: (peer, text) => this.#trouble(peer, text),
    };
    this.#options.transport.start(handlers, (failed) => {
      if (this.#closed) return;
      if (failed !== undefined) this.#events.hopeless(`${failed.code}: ${failed.text}`);
      else this.#dial(0);
    });
  }

  /** Queues one message; `flush` hands it over. False: there is no link. */
  send(message: RuntimeMessage, raw: readonly Uint8Array[]): boolean {
    if (this.#link === undefined) return false;
    const head = frameHead(frameTypes.runtime, 0, this.#options.codec.encode(message));
    return this.#options.transport.send(this.#link, 'log', [head, ...raw]);
  }

  flush(): void {
    this.#options.transport.flush();
  }

  /** This member is of no use at the moment: try the next one. Stays where there is only one. */
  moveOn(reason: string): void {
    if (this.#closed || this.#endpoints.count === 1) return;
    this.#endpoints.failed(this.#place, this.#now());
    this.#leave(reason);
    this.#dialNext();
  }

  /** Moves to the leader's door, where it is known or may be one that was never met; at most once a second. */
  follow(leader: MemberId): void {
    const now = this.#now();
    if (this.#closed || leader === this.member || now < this.#movedAtMs + dwellMs) return;
    const place = this.#endpoints.towards(leader, this.#place, now);
    if (place === undefined) return;
    this.#leave('moving to the leader');
    this.#dial(place);
  }

  close(done: () => void): void {
    this.#closed = true;
    this.#link = undefined;
    this.#dialAlarm.clear();
    this.#options.transport.close(done);
  }

  #now(): number {
    return this.#options.host.monotonicMs();
  }

  #dial(place: number): void {
    const now = this.#now();
    this.#place = place;
    this.#movedAtMs = now;
    this.#startsAtMs = Infinity;
    this.#refusal = undefined;
    this.#dialUntilMs = now + this.#options.dialTimeoutMs;
    this.attempts++;
    this.#dialAlarm.by(this.#dialUntilMs);
    this.#options.transport.setPeers([{ id: place + 1, urls: [this.#endpoints.url(place)] }]);
  }

  #dialNext(): void {
    if (this.#closed || this.#startsAtMs !== Infinity) return;
    const now = this.#now();
    const choice = this.#endpoints.next(this.#place, now);
    this.#dialUntilMs = Infinity;
    if (choice === undefined) {
      this.#options.transport.setPeers([]);
      this.#events.hopeless(this.#endpoints.hopeless() ?? 'no endpoint is left');
      return;
    }
    if (choice.notBeforeMs <= now) return this.#dial(choice.place);
    this.#options.transport.setPeers([]);
    this.#place = choice.place;
    this.#startsAtMs = choice.notBeforeMs;
    this.#dialAlarm.by(choice.notBeforeMs);
  }

  #dialDue(): void {
    if (this.#closed || this.#link !== undefined) return;
    const now = this.#now();
    if (this.#startsAtMs <= now) return this.#dial(this.#place);
    if (this.#dialUntilMs <= now) {
      const silence = `no answer within ${this.#options.dialTimeoutMs} ms`;
      return this.#dialFailed(this.#refusal ?? this.#told.get(this.#place) ?? silence);
    }
    this.#dialAlarm.by(Math.min(this.#startsAtMs, this.#dialUntilMs));
  }

  #dialFailed(reason: string): void {
    this.lastTrouble = `${this.endpoint}: ${reason}`;
    this.#endpoints.failed(this.#place, this.#now());
    this.#dialNext();
  }

  #admit(bytes: Uint8Array): Admission {
    const hello = this.#options.codec.decode(bytes);
    if (hello?.kind !== 'hello' || hello.role !== 'member')
      return this.#refused('E_PROTOCOL: this is no member of a cluster', false);
    if (hello.minVersion > wireVersion || hello.maxVersion < wireVersion) {
      const versions = `${hello.minVersion}-${hello.maxVersion}`;
      return this.#refused(
        `E_VERSION: the member speaks wire versions ${versions}, the client ${wireVersion}. Upgrade one of them`,
        true,
      );
    }
    if (this.#clusterId !== '' && hello.clusterId !== this.#clusterId) {
      const text = `E_CLUSTER_ID: ${this.endpoint} is in cluster ${hello.clusterId}, not in ${this.#clusterId}. Correct the endpoints`;
      return this.#refused(text, true);
    }
    this.#clusterId = hello.clusterId;
    this.#endpoints.met(this.#place, hello.member);
    return { peer: this.#place + 1, kind: 'member', incarnation: hello.incarnation };
  }

  #refused(text: string, forGood: boolean): Admission {
    this.#refusal = text;
    if (forGood) this.#endpoints.refuse(this.#place, text);
    // Moving on waits for the next timer or trouble: the transport is in the middle of its handshake.
    this.#dialUntilMs = this.#now();
    this.#dialAlarm.by(this.#dialUntilMs);
    return { refuse: text };
  }

  #linkUp(peer: MemberId, link: LinkId): void {
    if (this.#closed || peer !== this.#place + 1 || this.#link !== undefined) {
      this.#options.transport.closeLink(link, 'no longer wanted');
      return;
    }
    this.#link = link;
    this.#dialUntilMs = Infinity;
    this.#told.delete(this.#place);
    this.attempts = 0;
    this.#events.up();
  }

  #linkDown(link: LinkId, reason: string): void {
    if (link !== this.#link || this.#closed) return;
    this.lastTrouble = `${this.endpoint}: ${reason}`;
    this.#link = undefined;
    this.#endpoints.failed(this.#place, this.#now());
    this.#events.down(reason);
    this.#dialNext();
  }

  /** Ends the present link or dial by our own will. */
  #leave(reason: string): void {
    const link = this.#link;
    this.#link = undefined;
    this.#startsAtMs = Infinity;
    if (link === undefined) return;
    this.#options.transport.closeLink(link, reason);
    this.#events.down(reason);
  }

  #trouble(peer: MemberId | undefined, text: string): void {
    const dialling = this.#link === undefined && this.#dialUntilMs !== Infinity;
    if (!dialling || peer !== this.#place + 1 || this.#closed) return;
    this.#told.set(this.#place, text);
    if (text.startsWith('E_CLUSTER_ID')) this.#endpoints.refuse(this.#place, text);
    this.#dialFailed(this.#refusal ?? text);
  }

  #frame(link: LinkId, bytes: Uint8Array): void {
    if (link !== this.#link || this.#closed) return;
    const frame = parseFrame(bytes);
    const message = frame?.type === frameTypes.runtime ? this.#options.codec.decode(frame.head) : undefined;
    if (frame !== undefined && message !== undefined) this.#events.message(message, frame.rest);
    else this.malformedFrame();
  }

  /** Counts it and ends the link. */
  malformedFrame(): void {
    this.malformed++;
    if (this.#link === undefined) return;
    this.#leave('E_DECODE: malformed frame');
    this.#endpoints.failed(this.#place, this.#now());
    this.#dialNext();
  }
}

// Long enough that two members which name each other cannot keep the client running to and fro.
const dwellMs = 1000;

function clientHello(clusterId: string): Hello {
  return {
    kind: 'hello',
    role: 'client',
    clusterId,
    member: 0,
    diskId: '',
    incarnation: 0,
    protocol: '',
    minVersion: wireVersion,
    maxVersion: wireVersion,
  };
}
