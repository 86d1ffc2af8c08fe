// Virtual time, a network whose links break on demand, and a model of a cluster that the client speaks to.
import { decodeText, encodeText, frameHead, frameTypes, parseFrame } from '@quorate/interface';
import type {
  ConsensusErrorCode,
  Host,
  LinkId,
  MessageCodec,
  RuntimeMessage,
  Transport,
  TransportHandlers,
  TransportPeer,
} from '@quorate/interface';
import { consensusErrorCodes } from '@quorate/interface';

/** A host in virtual milliseconds. */
export class VirtualHost implements Pick<Host, 'monotonicMs' | 'random' | 'endOfTurn' | 'at'> {
  #nowMs = 1000;
  #timers: { deadlineMs: number; order: number; run: () => void }[] = [];
  #turn: (() => void)[] = [];
  #order = 0;
  #seed: number;
  constructor(seed = 1) {
    this.#seed = seed;
  }
  monotonicMs(): number {
    return this.#nowMs;
  }
  random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (((this.#seed >>> 8) * 2_654_435_761) % 16_777_216) / 16_777_216;
  }
  endOfTurn(run: () => void): void {
    this.#turn.push(run);
  }
  at(deadlineMs: number, run: () => void): { cancel(): void } {
    const timer = { deadlineMs: Math.max(deadlineMs, this.#nowMs), order: this.#order++, run };
    this.#timers.push(timer);
    return { cancel: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }
  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run);
  }
  endTurn(): void {
    for (let rounds = 0; this.#turn.length > 0; rounds++) {
      if (rounds > 1000) throw new Error('the turn does not end');
      const runs = this.#turn;
      this.#turn = [];
      for (const run of runs) run();
    }
  }
  /** Runs until `done` holds or the time is over. */
  run(forMs: number, done: () => boolean = () => false): void {
    const endMs = this.#nowMs + forMs;
    this.endTurn();
    while (!done()) {
      this.#timers.sort((a, b) => a.deadlineMs - b.deadlineMs || a.order - b.order);
      const next = this.#timers[0];
      if (next === undefined || next.deadlineMs > endMs) break;
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.deadlineMs);
      next.run();
      this.endTurn();
    }
    if (!done()) this.#nowMs = endMs;
  }
}

/** Heads as JSON: what matters here is what is said, not how. */
export const jsonCodec: MessageCodec<RuntimeMessage> = {
  protocol: 'runtime',
  version: 1,
  encode: (message) => encodeText(JSON.stringify(message)),
  decode: (head) => {
    const text = decodeText(head);
    return text === undefined || !text.startsWith('{') ? undefined : (JSON.parse(text) as RuntimeMessage);
  },
};

/** What a member does with one command or read; the default applies and answers it. */
export type Verdict =
  | { readonly do: 'apply' }
  | { readonly do: 'refuse'; readonly code: ConsensusErrorCode }
  /** Answers `unknown`; applies it now or not at all. */
  | { readonly do: 'doubt'; readonly code: ConsensusErrorCode; readonly applies: boolean }
  /** No answer ever. */
  | { readonly do: 'swallow'; readonly applies: boolean };

/** The replicated part: what was applied, in order, and the session table. */
export class ClusterModel {
  /** True where the network repeats frames: a late copy of an answered command is no fault of the client. */
  repeats = false;
  readonly applied: string[] = [];
  readonly sessions = new Map<number, { last: number; results: Map<number, Uint8Array> }>();
  #nextSession = 100;

  open(): number {
    const session = this.#nextSession++;
    this.sessions.set(session, { last: 0, results: new Map() });
    return session;
  }

  apply(session: number, sequence: number, body: Uint8Array): { code?: ConsensusErrorCode; result: Uint8Array } {
    const none = new Uint8Array(0);
    if (session === 0) return { result: this.#run(body) };
    const table = this.sessions.get(session);
    if (table === undefined) return { code: 'E_SESSION_EXPIRED', result: none };
    if (sequence > table.last + 1) return { code: 'E_OUT_OF_SEQUENCE', result: none };
    if (sequence <= table.last) {
      const result = table.results.get(sequence);
      if (result === undefined && this.repeats) return { code: 'E_SESSION_EXPIRED', result: none };
      if (result === undefined) throw new Error(`the client asked again for ${sequence}, which it had called answered`);
      return { result };
    }
    table.last = sequence;
    const result = this.#run(body);
    table.results.set(sequence, result);
    return { result };
  }

  forget(session: number, below: number): void {
    const results = this.sessions.get(session)?.results;
    for (const sequence of results?.keys() ?? []) if (sequence < below) results?.delete(sequence);
  }

  #run(body: Uint8Array): Uint8Array {
    this.applied.push(decodeText(body) ?? '');
    return encodeText(`#${this.applied.length} ${decodeText(body)}`);
  }
}

/** One member's native door. */
export class MemberModel {
  reachable = true;
  /** Accepts dials and frames, and says nothing. */
  mute = false;
  clusterId = 'c1';
  leader: number | undefined;
  readonly frames: RuntimeMessage[] = [];
  verdict: (body: string) => Verdict = () => ({ do: 'apply' });
  openVerdict: () => ConsensusErrorCode | undefined = () => undefined;
  readonly id: number;
  readonly url: string;
  constructor(id: number) {
    this.id = id;
    this.url = `fake://m${id}:1`;
  }
}

interface FakeLink {
  readonly id: LinkId;
  readonly peer: number;
  readonly member: MemberModel;
  up: boolean;
}

/** The client's transport: dials members of the model and lets a test cut its links. */
export class FakeTransport implements Transport {
  readonly delivery: Transport['delivery'];
  readonly cluster: ClusterModel;
  readonly #members: readonly MemberModel[];
  readonly #host: VirtualHost;
  #handlers: TransportHandlers | undefined;
  #peers: readonly TransportPeer[] = [];
  #link: FakeLink | undefined;
  #nextLink = 1;
  #dialling = 0;
  delayMs = 1;
  closed = false;

  constructor(
    host: VirtualHost,
    members: readonly MemberModel[],
    cluster: ClusterModel,
    delivery: Transport['delivery'] = 'fifo',
  ) {
    this.#host = host;
    this.#members = members;
    this.cluster = cluster;
    this.delivery = delivery;
  }

  get connectedTo(): number | undefined {
    return this.#link?.member.id;
  }

  start(handlers: TransportHandlers, done: () => void): void {
    this.#handlers = handlers;
    this.#host.endOfTurn(done);
  }

  setPeers(peers: readonly TransportPeer[]): void {
    this.#peers = peers;
    const link = this.#link;
    if (link !== undefined && !peers.some(({ id }) => id === link.peer)) this.cut('no peer any more');
    this.#dial(++this.#dialling);
  }

  send(link: LinkId, _lane: string, chunks: readonly Uint8Array[]): boolean {
    const present = this.#link;
    if (present === undefined || present.id !== link) return false;
    const bytes = concat(chunks);
    for (const delayMs of this.#delays()) {
      this.#host.after(delayMs, () => {
        if (present.up) this.#arrived(present, bytes);
      });
    }
    return true;
  }

  /** One, or as datagrams sometimes two: the copy may come long after. */
  #delays(): readonly number[] {
    const { delayMs } = this;
    return this.delivery === 'fifo' || this.#host.random() < 0.7 ? [delayMs] : [delayMs, delayMs + this.#host.random() * 400];
  }

  flush(): void {}

  queuedBytes(): number {
    return 0;
  }

  closeLink(link: LinkId, reason: string): void {
    if (this.#link?.id === link) this.cut(reason);
  }

  close(done: () => void): void {
    this.closed = true;
    this.#peers = [];
    this.#link = undefined;
    this.#host.endOfTurn(done);
  }

  /** Ends the present link at both ends. What has arrived at the member goes on there. */
  cut(reason = 'cut'): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    link.up = false;
    this.#host.endOfTurn(() => {
      this.#handlers?.linkDown(link.peer, link.id, reason);
      this.#dial(++this.#dialling);
    });
  }

  /** Raw bytes from the member. */
  inject(bytes: Uint8Array): void {
    if (this.#link !== undefined) this.#handlers?.frame(this.#link.id, bytes);
  }

  /** Sends a message as the member that is connected. */
  say(message: RuntimeMessage, raw: readonly Uint8Array[] = []): void {
    this.inject(concat([frameHead(frameTypes.runtime, 0, jsonCodec.encode(message)), ...raw]));
  }

  #dial(round: number): void {
    const peer = this.#peers[0];
    if (peer === undefined || this.#link !== undefined) return;
    this.#host.after(this.delayMs, () => {
      if (round !== this.#dialling || this.#link !== undefined || this.closed) return;
      const member = this.#members.find(({ url }) => peer.urls.includes(url));
      if (member === undefined || !member.reachable) {
        this.#handlers?.trouble(peer.id, 'E_CONNECT: refused');
        return this.#dial(round);
      }
      this.#greet(peer, member);
    });
  }

  #greet(peer: TransportPeer, member: MemberModel): void {
    const hello: RuntimeMessage = {
      kind: 'hello',
      role: 'member',
      clusterId: member.clusterId,
      member: member.id,
      diskId: 'd',
      incarnation: 1,
      protocol: 'raft',
      minVersion: 1,
      maxVersion: 1,
    };
    const admission = this.#handlers?.admit(jsonCodec.encode(hello), undefined);
    if (admission === undefined || 'refuse' in admission) return;
    this.#link = { id: this.#nextLink++, peer: peer.id, member, up: true };
    this.#handlers?.linkUp(admission.peer, this.#link.id, 'member');
  }

  #arrived(link: FakeLink, bytes: Uint8Array): void {
    const frame = parseFrame(bytes);
    const message = frame === undefined ? undefined : jsonCodec.decode(frame.head);
    if (frame === undefined || message === undefined) throw new Error('the client sent a malformed frame');
    const { member } = link;
    member.frames.push(message);
    if (message.kind === 'session-open') this.#opened(link, message.request);
    else if (message.kind === 'client-commands' || message.kind === 'client-queries') this.#answer(link, message, frame.rest);
  }

  #opened(link: FakeLink, request: number): void {
    if (link.member.mute) return;
    const code = link.member.openVerdict();
    const session = code === undefined ? this.cluster.open() : 0;
    this.#reply(link, { kind: 'session-opened', request, session, code }, []);
  }

  #answer(link: FakeLink, message: RuntimeMessage & { kind: 'client-commands' | 'client-queries' }, rest: Uint8Array): void {
    const session = message.kind === 'client-commands' ? message.session : 0;
    if (message.kind === 'client-commands') this.cluster.forget(session, message.lowestUnanswered);
    const numbers: number[] = [];
    const codes: number[] = [];
    const results: Uint8Array[] = [];
    let offset = 0;
    message.lengths.forEach((length, place) => {
      const body = rest.slice(offset, offset + length);
      offset += length;
      const number = message.first + place;
      const isQuery = message.kind === 'client-queries';
      const outcome = isQuery ? this.#ask(link.member, body) : this.#apply(link.member, session, { number, body });
      if (outcome === undefined) return;
      numbers.push(number);
      codes.push(outcome.code);
      results.push(outcome.result);
    });
    const lengths = results.map(({ length }) => length);
    const of = message.kind === 'client-commands' ? 'commands' : 'queries';
    if (numbers.length === 0 || link.member.mute) return;
    this.#reply(link, { kind: 'client-results', session, numbers, codes, lengths, leader: link.member.leader, of }, results);
  }

  #ask(member: MemberModel, body: Uint8Array): { code: number; result: Uint8Array } | undefined {
    const verdict = member.verdict(decodeText(body) ?? '');
    if (verdict.do === 'swallow') return undefined;
    if (verdict.do === 'refuse' || verdict.do === 'doubt') return { code: wire(verdict.code, false), result: new Uint8Array(0) };
    return { code: 0, result: encodeText(`${this.cluster.applied.length}`) };
  }

  #apply(
    member: MemberModel,
    session: number,
    command: { number: number; body: Uint8Array },
  ): { code: number; result: Uint8Array } | undefined {
    const none = new Uint8Array(0);
    const verdict = member.verdict(decodeText(command.body) ?? '');
    if (verdict.do === 'refuse') return { code: wire(verdict.code, false), result: none };
    const applies = verdict.do === 'apply' || verdict.applies;
    const { code, result } = applies
      ? this.cluster.apply(session, command.number, command.body)
      : { code: undefined, result: none };
    if (verdict.do === 'swallow') return undefined;
    if (verdict.do === 'doubt') return { code: wire(verdict.code, true), result: none };
    return { code: code === undefined ? 0 : wire(code, false), result };
  }

  #reply(link: FakeLink, message: RuntimeMessage, raw: readonly Uint8Array[]): void {
    for (const delayMs of this.#delays()) {
      this.#host.after(delayMs, () => {
        if (!link.up) return;
        this.#handlers?.frame(link.id, concat([frameHead(frameTypes.runtime, 0, jsonCodec.encode(message)), ...raw]));
      });
    }
  }
}

function wire(code: ConsensusErrorCode, unknown: boolean): number {
  return consensusErrorCodes.indexOf(code) + 1 + (unknown ? 128 : 0);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((total, { length }) => total + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
