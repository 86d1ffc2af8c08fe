import { at, consensusErrorCodes, frameHead, frameTypes, parseFrame } from '@quorate/interface';
import type {
  ClientCommands,
  ClientQueries,
  ClientResults,
  ConsensusError,
  LinkId,
  RuntimeMessage,
  SessionOpen,
  Transport,
  TransportHandlers,
} from '@quorate/interface';
import type { AdmissionDesk } from './admission.ts';
import { readSessionName } from './apply.ts';
import { envelopeKinds } from './envelope.ts';
import type { Member } from './member.ts';
import type { Proposals } from './proposals.ts';
import type { Reads } from './reads.ts';
import type { LinkStatus } from './replica-status.ts';
import type { ReplySink } from './waiters.ts';

/** Added to the number of an error whose outcome is unknown. */
const unknownMark = 128;
/** The most commands or reads in one frame of a client. */
const mostInFrame = 65_536;

/** The link to one client. `bytes`: of what has no answer yet. */
interface ClientLink {
  readonly link: LinkId;
  up: boolean;
  bytes: number;
}

/** Answers of one kind and one session to one client, gathered for one frame per turn. */
class Answers implements ReplySink {
  numbers: number[] = [];
  codes: number[] = [];
  lengths: number[] = [];
  results: Uint8Array[] = [];
  readonly link: ClientLink;
  readonly of: ClientResults['of'];
  readonly session: number;
  /** Bytes of each request without an answer, to give its credit back. */
  private readonly open = new Map<number, number>();
  private readonly due: Set<Answers>;

  constructor(link: ClientLink, place: { of: ClientResults['of']; session: number }, due: Set<Answers>) {
    this.link = link;
    this.of = place.of;
    this.session = place.session;
    this.due = due;
  }

  /** This number already waits, and its first copy will answer. */
  expects(number: number): boolean {
    return this.open.has(number);
  }

  expect(number: number, bytes: number): void {
    this.open.set(number, bytes);
    this.link.bytes += bytes;
  }

  answer(number: number, error: ConsensusError | undefined, result: Uint8Array | undefined): void {
    this.link.bytes -= this.open.get(number) ?? 0;
    this.open.delete(number);
    if (!this.link.up) return;
    const code = error === undefined ? 0 : consensusErrorCodes.indexOf(error.code) + 1;
    this.numbers.push(number);
    this.codes.push(error?.outcome === 'unknown' ? code + unknownMark : code);
    this.lengths.push(result?.length ?? 0);
    if (result !== undefined && result.length > 0) this.results.push(result);
    this.due.add(this);
  }

  get idle(): boolean {
    return this.open.size === 0;
  }
}

/** One client, and what it waits for. */
interface Client {
  readonly state: ClientLink;
  readonly queries: Answers;
  /** By session. */
  readonly commands: Map<number, Answers>;
}

/** The native clients' door: sessions, commands and reads over their own transport, with credits in bytes per link. */
export class ClientDoor<M> {
  private readonly member: Member<M>;
  private readonly transport: Transport;
  private readonly desk: AdmissionDesk<M>;
  private readonly proposals: Proposals<M>;
  private readonly reads: Reads<M>;
  private readonly clients = new Map<LinkId, Client>();
  private readonly due = new Set<Answers>();
  private unflushed = false;

  constructor(
    transport: Transport,
    parts: { member: Member<M>; desk: AdmissionDesk<M>; proposals: Proposals<M>; reads: Reads<M> },
  ) {
    this.transport = transport;
    this.member = parts.member;
    this.desk = parts.desk;
    this.proposals = parts.proposals;
    this.reads = parts.reads;
  }

  handlers(receive: (link: LinkId, frame: Uint8Array) => void): TransportHandlers {
    const { member } = this;
    return {
      hello: this.desk.hello(),
      self: member.options.self,
      admit: (hello) => {
        const { clientLinks } = member.options.limits;
        if (this.clients.size < clientLinks) return this.desk.admit(hello, 'client');
        return { refuse: `E_OVERLOADED: this member serves ${clientLinks} clients already. Use another member.` };
      },
      linkUp: (_peer, link) => member.post(() => this.linkUp(link)),
      linkDown: (_peer, link) => member.post(() => this.linkDown(link)),
      frame: receive,
      drained: () => {},
      trouble: (_peer, text) => member.log('warn', `${text} (native clients)`),
    };
  }

  private linkUp(link: LinkId): void {
    const state = { link, up: true, bytes: 0 };
    const queries = new Answers(state, { of: 'queries', session: 0 }, this.due);
    this.clients.set(link, { state, queries, commands: new Map() });
  }

  private linkDown(link: LinkId): void {
    const client = this.clients.get(link);
    if (client !== undefined) client.state.up = false;
    this.clients.delete(link);
  }

  frame(link: LinkId, bytes: Uint8Array): void {
    const client = this.clients.get(link);
    if (client === undefined) return;
    this.member.counters.framesIn += 1;
    const frame = parseFrame(bytes);
    const head = frame?.type === frameTypes.runtime && frame.group === 0 ? frame.head : undefined;
    const message = head === undefined ? undefined : this.member.options.runtimeCodec.decode(head);
    if (frame !== undefined && message !== undefined && this.take(client, message, frame.rest)) return;
    this.member.counters.malformed += 1;
    this.linkDown(link);
    this.transport.closeLink(link, 'E_DECODE: a malformed frame');
  }

  private take(client: Client, message: RuntimeMessage, raw: Uint8Array): boolean {
    if (message.kind === 'client-commands') return this.commands(client, message, raw);
    if (message.kind === 'client-queries') return this.queries(client, message, raw);
    if (message.kind === 'session-open' && raw.length === 0) return this.openSession(client.state, message);
    return false;
  }

  private commands({ state, commands }: Client, message: ClientCommands, raw: Uint8Array): boolean {
    if (!fits(message.lengths, raw) || message.first < 1) return false;
    const { session } = message;
    let answers = commands.get(session);
    if (answers === undefined) {
      for (const [name, other] of commands) if (other.idle) commands.delete(name);
      answers = new Answers(state, { of: 'commands', session }, this.due);
      commands.set(session, answers);
    }
    const deadlineMs = this.member.now() + message.deadlineMs;
    let number = message.first;
    let start = 0;
    for (const length of message.lengths) {
      const command = raw.subarray(start, start + length);
      const token = number;
      start += length;
      number += 1;
      if (answers.expects(token) || !this.hasCredit(state, answers, token, length)) continue;
      answers.expect(token, length);
      const { lowestUnanswered } = message;
      const place = session === 0 ? undefined : { session, sequence: token, lowestUnanswered };
      const kind = session === 0 ? envelopeKinds.command : envelopeKinds.sessionCommand;
      this.proposals.submit({ kind, command, place, deadlineMs, receiver: answers, token });
    }
    return true;
  }

  private queries({ state, queries }: Client, message: ClientQueries, raw: Uint8Array): boolean {
    if (!fits(message.lengths, raw)) return false;
    const deadlineMs = this.member.now() + message.deadlineMs;
    let token = message.first;
    let start = 0;
    for (const length of message.lengths) {
      const request = raw.subarray(start, start + length);
      if (!queries.expects(token) && this.hasCredit(state, queries, token, length)) {
        queries.expect(token, length);
        this.reads.query({ request, deadlineMs, receiver: queries, token }, message.consistency);
      }
      start += length;
      token += 1;
    }
    return true;
  }

  private hasCredit(state: ClientLink, answers: Answers, token: number, bytes: number): boolean {
    const { member } = this;
    if (state.bytes + bytes <= member.options.limits.clientBytes) return true;
    member.counters.overloaded += 1;
    answers.answer(token, member.error('E_OVERLOADED', 'this client has too much in flight.', 'not-applied'), undefined);
    return false;
  }

  private openSession(state: ClientLink, { request }: SessionOpen): boolean {
    const { member } = this;
    const deadlineMs = member.now() + member.options.limits.requestTimeoutMs;
    const receiver = (error: ConsensusError | undefined, result: Uint8Array | undefined): void => {
      const session = result === undefined ? 0 : readSessionName(result);
      this.send(state, { kind: 'session-opened', request, session, code: error?.code }, []);
    };
    const command = new Uint8Array(0);
    this.proposals.submit({ kind: envelopeKinds.openSession, command, place: undefined, deadlineMs, receiver, token: 0 });
    return true;
  }

  /** Sends the answers of this turn: one frame per client and session. */
  flush(): void {
    if (this.due.size > 0) {
      for (const answers of this.due) this.sendAnswers(answers);
      this.due.clear();
    }
    if (!this.unflushed) return;
    this.unflushed = false;
    this.transport.flush();
  }

  private sendAnswers(answers: Answers): void {
    const { numbers, codes, lengths, results, session, of } = answers;
    answers.numbers = [];
    answers.codes = [];
    answers.lengths = [];
    answers.results = [];
    const bound = this.member.options.limits.forwardBytes;
    const leader = this.member.role?.leader;
    let from = 0;
    let fromResult = 0;
    while (from < numbers.length) {
      let to = from;
      let toResult = fromResult;
      let bytes = 0;
      do {
        const length = at(lengths, to);
        bytes += length;
        if (length > 0) toResult += 1;
        to += 1;
      } while (to < numbers.length && bytes + at(lengths, to) <= bound);
      const part = { numbers: numbers.slice(from, to), codes: codes.slice(from, to), lengths: lengths.slice(from, to) };
      this.send(answers.link, { kind: 'client-results', session, ...part, leader, of }, results.slice(fromResult, toResult));
      from = to;
      fromResult = toResult;
    }
  }

  private send(state: ClientLink, message: RuntimeMessage, raw: readonly Uint8Array[]): void {
    if (!state.up) return;
    this.unflushed = true;
    this.member.counters.framesOut += 1;
    const head = frameHead(frameTypes.runtime, 0, this.member.options.runtimeCodec.encode(message));
    this.transport.send(state.link, 'log', [head, ...raw]);
  }

  get linked(): number {
    return this.clients.size;
  }

  status(): readonly LinkStatus[] {
    return [...this.clients.values()].map(({ state: { link } }) => ({
      peer: 0,
      kind: 'client',
      queuedBytes: this.transport.queuedBytes(link),
      gatedBytes: 0,
    }));
  }
}

function fits(lengths: readonly number[], raw: Uint8Array): boolean {
  if (lengths.length === 0 || lengths.length > mostInFrame) return false;
  let bytes = 0;
  for (const length of lengths) bytes += length;
  return bytes === raw.length;
}
