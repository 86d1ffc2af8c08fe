import type { Effects, LinkId, MemberId, Send, WriteNumber } from '@quorate/interface';
import { checkRuns } from './cluster-invariants.ts';
import { formatMembers } from './format.ts';
import type { Cargo, Network } from './network.ts';
import { observedEntries, type Observer } from './observation.ts';
import { Outbox } from './outbox.ts';
import type { SimulatedJournal } from './simulated-journal.ts';
import { check } from './trace-error.ts';
import type { Transcript } from './transcript.ts';

/** What the links of a process need of the rest of its member. */
export interface MemberLinksSetup<M> {
  readonly member: MemberId;
  readonly journal: SimulatedJournal;
  readonly network: Network<M>;
  readonly transcript: Transcript;
  readonly observe: Observer<M>;
  /** Gates open within the turn, so that nobody needs to be told. */
  readonly autoSync: boolean;
  describe(cargo: Cargo<M>): string;
}

/** The links of one process and the sends on them: checks what the core sends, holds back what waits for a write. */
export class MemberLinks<M> {
  readonly #setup: MemberLinksSetup<M>;
  readonly #peers = new Map<LinkId, MemberId>();
  /** Links that ended since the last drain: the core may have queued a send before it heard of that, which is dropped. */
  readonly #ended = new Set<LinkId>();
  readonly #outbox = new Outbox<M>();

  constructor(setup: MemberLinksSetup<M>) {
    this.#setup = setup;
  }

  up(link: LinkId, peer: MemberId): void {
    this.#peers.set(link, peer);
  }

  down(link: LinkId): void {
    this.#peers.delete(link);
    this.#ended.add(link);
    this.#outbox.drop(link);
  }

  /** Who is at the other end of a link that is up. */
  peerOf(link: LinkId): MemberId | undefined {
    return this.#peers.get(link);
  }

  /** The sends of one turn. Equal messages to several peers are told on one line. */
  send({ sends }: Pick<Effects<M>, 'sends'>): void {
    const { member, transcript } = this.#setup;
    const lines: Line[] = [];
    for (const send of sends) this.#sendOne(send, lines);
    for (const { text, to } of lines) transcript.detail(`${member}->${formatMembers(to.sort((a, b) => a - b))} ${text}`);
    this.#ended.clear();
    this.release();
  }

  #sendOne({ links, lane, gate, message, entries }: Send<M>, lines: Line[]): void {
    const { member, journal, autoSync } = this.#setup;
    check(gate <= journal.lastWrite, () => `${member} gates a send on w${gate}, but has written w${journal.lastWrite}`);
    checkRuns(`${member} sends`, entries);
    const text = this.#setup.describe({ what: 'message', message, entries });
    for (const link of links) {
      if (this.#ended.has(link)) continue;
      const to = this.#peers.get(link);
      check(to !== undefined, () => `${member} sends on link ${link}, which is not up: ${text}`);
      // Effects are the core's and reused; what is under way must not change with them.
      const cargo = { what: 'message' as const, message: structuredClone(message), entries: [...entries] };
      this.#outbox.add({ link, to, lane, gate, cargo });
      const opens = this.#outbox.gateOf(link, lane);
      note(lines, `${lane}: ${text}${waits(opens, journal) && !autoSync ? `, waits for w${opens}` : ''}`, to);
    }
  }

  /** Lets go what no gate holds any more, and names the directions. */
  release(): string {
    const { member, journal, network, observe } = this.#setup;
    const leaving = this.#outbox.release(journal.durableWrite);
    for (const { to, lane, cargo } of leaving) {
      const { message, entries } = cargo;
      observe({ what: 'sent', from: member, to, lane, message, entries: observedEntries(entries) });
      if (!network.isCut(member, to)) network.put({ from: member, to, lane, cargo, held: false });
    }
    return [...new Set(leaving.map(({ to }) => `${member}->${to}`))].join(' ');
  }
}

interface Line {
  readonly text: string;
  readonly to: MemberId[];
}

function waits(gate: WriteNumber, journal: SimulatedJournal): boolean {
  return gate > journal.durableWrite;
}

function note(lines: Line[], text: string, to: MemberId): void {
  const known = lines.find((line) => line.text === text && !line.to.includes(to));
  if (known === undefined) lines.push({ text, to: [to] });
  else known.to.push(to);
}
