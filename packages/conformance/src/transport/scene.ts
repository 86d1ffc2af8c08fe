import type { Lane, MemberId, TransportFailure } from '@quorate/interface';
import { ConformanceFailure } from '../conformance-failure.ts';
import { expectEqual, expectThat } from '../expectation.ts';
import { Party, type PartySetup } from './party.ts';
import type { TransportHarness } from './transport-harness.ts';

/** The parties of one case on one network. */
export class Scene {
  readonly harness: TransportHarness;
  private readonly parties: Party[] = [];
  private readonly closing: Set<Party> = new Set();
  private pings = 0;

  constructor(harness: TransportHarness) {
    this.harness = harness;
  }

  until(condition: () => boolean, what: string): Promise<void> {
    return this.harness.until(condition, what);
  }

  /** A party that nobody has started. */
  party(self: MemberId, setup: PartySetup = {}): Party {
    const { dialsOnly = self === 0, place } = setup;
    const end = this.harness.open({ self, dialsOnly, ...(place === undefined ? {} : { place: place.end }) });
    const party = new Party(self, end, setup);
    this.parties.push(party);
    return party;
  }

  async start(party: Party): Promise<TransportFailure | undefined> {
    let answers = 0;
    let failure: TransportFailure | undefined;
    const done = (result?: TransportFailure): void => {
      answers++;
      failure = result;
    };
    party.end.transport.start(party, done);
    await this.until(() => answers > 0, `start of member ${party.self} completes`);
    expectThat(answers === 1, 'start completes once');
    return failure;
  }

  async started(self: MemberId, setup: PartySetup = {}): Promise<Party> {
    const party = this.party(self, setup);
    const failure = await this.start(party);
    expectThat(failure === undefined, () => `start succeeds (got ${failure?.text})`);
    return party;
  }

  /** Two members with one link; the second one dialled it. */
  async linked(first: PartySetup = {}, second: PartySetup = {}): Promise<readonly [Party, Party]> {
    const one = await this.started(1, first);
    const two = await this.started(2, second);
    two.dial(one);
    await this.meet(one, two);
    return [one, two];
  }

  /** Waits for a link between two members, at both ends. */
  async meet(a: Party, b: Party): Promise<void> {
    const met = (): boolean => a.upLink(b.self) !== undefined && b.upLink(a.self) !== undefined;
    await this.until(met, `members ${a.self} and ${b.self} have a link`);
  }

  /** Sends a text and waits for it. It is sent again where its link ended meanwhile, and over datagrams until it arrives. */
  async deliver(from: Party, to: Party, text: string, lane: Lane = 'log'): Promise<void> {
    let used: number | undefined;
    const arrived = (): boolean => {
      if (to.has(text)) return true;
      const link = from.upLink(to.self);
      if (link === undefined || (link === used && !this.isDatagram(from))) return false;
      used = link;
      from.send(to.self, text, lane);
      from.flush();
      return false;
    };
    await this.until(arrived, `"${text}" arrives at member ${to.self}; it saw ${to.calls.slice(-8).join(', ')}`);
  }

  /** A frame of lane `log` in each direction: the link works, and what was sent before it in that lane has arrived or is lost. */
  async ping(a: Party, b: Party): Promise<void> {
    const number = ++this.pings;
    await this.deliver(a, b, `ping ${number} of ${a.self}`);
    await this.deliver(b, a, `ping ${number} of ${b.self}`);
  }

  async close(party: Party): Promise<void> {
    this.closing.add(party);
    const answers: true[] = [];
    party.call((transport) => transport.close(() => void answers.push(true)));
    expectEqual(answers.length, 0, 'close completes later, never from within the call');
    await this.until(() => answers.length > 0, `close of member ${party.self} completes`);
    expectEqual(answers.length, 1, 'close completes once for each call');
    party.markClosed();
  }

  isDatagram(party: Party): boolean {
    return party.end.transport.delivery === 'datagram';
  }

  /** The end of the case: everybody closes, and what they were told must have followed the contract. */
  async finish(): Promise<void> {
    for (const party of this.parties) if (!this.closing.has(party)) await this.close(party);
    for (const party of this.parties) party.verify();
  }
}

/** Runs a script in a fresh network, and looks at the rules that hold for every case. */
export async function play(open: () => Promise<TransportHarness>, script: (scene: Scene) => Promise<void>): Promise<void> {
  const harness = await open();
  const { queueBytes, maxFrameBytes } = harness;
  const fits = maxFrameBytes >= 1_024 && queueBytes >= 4 * maxFrameBytes;
  if (!fits) throw new ConformanceFailure('the harness: maxFrameBytes is at least 1 KiB, and queueBytes four times that');
  const scene = new Scene(harness);
  try {
    await script(scene);
    await scene.finish();
  } finally {
    await harness.close();
  }
}
