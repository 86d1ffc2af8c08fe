import { at, invariant } from '@quorate/interface';
import type { Admission, Lane, LinkId, LinkKind, MemberId } from '@quorate/interface';
import { chanceKinds } from '../chance.ts';
import { Direction } from './direction.ts';
import type { Flight } from './direction.ts';
import type { Endpoint } from './endpoint.ts';
import type { SimNetwork } from './sim-network.ts';

/** One end of a connection. */
export interface Side {
  readonly endpoint: Endpoint;
  /** `waiting`: the handshake is under way. */
  state: 'waiting' | 'up' | 'over';
  link: LinkId;
  peer: MemberId;
  kind: LinkKind;
  /** The other end's, from its hello. */
  incarnation: number;
}

type Admitted = Exclude<Admission, { readonly refuse: string }>;

const dialling = 0;
const accepting = 1;

/** One connection of two machines, from the dial to the end of both its sides; each side learns of things in its own time. */
export class Connection {
  readonly dialler: Endpoint;
  readonly acceptor: Endpoint;
  readonly number: number;
  readonly sides: readonly [Side, Side];
  private readonly network: SimNetwork;
  private readonly directions: readonly [Direction, Direction];
  /** Nothing that is sent from now on arrives. */
  private broken = false;
  private gone = false;
  private draws = 0;

  constructor(network: SimNetwork, ends: { dialler: Endpoint; acceptor: Endpoint; number: number }) {
    this.network = network;
    this.dialler = ends.dialler;
    this.acceptor = ends.acceptor;
    this.number = ends.number;
    this.sides = [newSide(ends.dialler), newSide(ends.acceptor)];
    const between = (from: Endpoint, to: Endpoint): Direction => new Direction(network, from.machine, to.machine, ends.number);
    this.directions = [between(ends.dialler, ends.acceptor), between(ends.acceptor, ends.dialler)];
  }

  /** The dialler's hello is on its way. */
  open(): void {
    const { network } = this;
    const hello = this.dialler.handlers.hello;
    network.setup.scheduler.at(network.nowMs + this.directions[dialling].quiet(), () => {
      if (this.gone) return;
      if (this.unreachable() || !this.acceptor.isOpen) this.fail('nobody answers');
      else this.acceptor.process.input(() => this.accept(hello));
    });
  }

  private unreachable(): boolean {
    const { network, dialler, acceptor } = this;
    return network.isBlocked(dialler.machine, acceptor.machine) || network.isBlocked(acceptor.machine, dialler.machine);
  }

  private accept(hello: Uint8Array): void {
    if (this.gone) return;
    if (!this.acceptor.isOpen) return this.fail('nobody answers');
    const admission = this.acceptor.handlers.admit(hello, undefined);
    if ('refuse' in admission) return this.refuse(accepting, admission.refuse);
    if (!this.join(accepting, admission)) return this.end(accepting, 'another link to this peer is up');
    const { network } = this;
    const answer = this.acceptor.handlers.hello;
    // Whatever the acceptor sends now comes behind its hello.
    const atMs = this.directions[accepting].reserve();
    network.setup.scheduler.at(atMs, () => {
      if (this.gone || this.sides[dialling].state !== 'waiting') return;
      if (network.isBlocked(this.acceptor.machine, this.dialler.machine)) this.fail('the answer was lost');
      else this.dialler.process.input(() => this.meet(answer));
    });
  }

  private meet(hello: Uint8Array): void {
    if (this.gone || this.sides[dialling].state !== 'waiting') return;
    if (!this.dialler.isOpen) return this.fail('the dialler stopped');
    const admission = this.dialler.handlers.admit(hello, undefined);
    if ('refuse' in admission) return this.refuse(dialling, admission.refuse);
    if (!this.dialler.expects(admission.peer, this)) {
      return this.refuse(dialling, `E_PEER_ID: another member answers at this address (got=${admission.peer})`);
    }
    if (!this.join(dialling, admission)) this.end(dialling, 'another link to this peer is up');
  }

  private refuse(place: number, text: string): void {
    const { network } = this;
    network.counters.refusals += 1;
    at(this.sides, place).endpoint.trouble(this, text);
    const other = at(this.sides, 1 - place);
    if (other.state !== 'over') other.endpoint.process.input(() => other.endpoint.trouble(this, text));
    this.end(place, text);
  }

  /** Inside a turn of that side. */
  private join(place: number, admitted: Admitted): boolean {
    const side = at(this.sides, place);
    side.peer = admitted.peer;
    side.kind = admitted.kind;
    side.incarnation = admitted.incarnation;
    if (!side.endpoint.makeRoom(this, side)) return false;
    side.state = 'up';
    side.link = side.endpoint.enter(this);
    this.network.counters.linksUp += 1;
    side.endpoint.handlers.linkUp(side.peer, side.link, side.kind);
    return true;
  }

  /** True where this one stays when both lead to the same peer: the higher incarnation, then the higher dialler, then the newer. */
  outranks(other: Connection, mine: Side, theirs: Side): boolean {
    if (mine.incarnation !== theirs.incarnation) return mine.incarnation > theirs.incarnation;
    if (this.dialler.self !== other.dialler.self) return this.dialler.self > other.dialler.self;
    return this.number > other.number;
  }

  sideOf(endpoint: Endpoint): Side {
    return this.sides[0].endpoint === endpoint ? this.sides[0] : this.sides[1];
  }

  queuedBytes(side: Side): number {
    return this.directionFrom(side).queuedBytes;
  }

  private directionFrom(side: Side): Direction {
    return this.directions[side === this.sides[dialling] ? dialling : accepting];
  }

  /** False: the link is over. */
  send(side: Side, lane: Lane, frame: Uint8Array): boolean {
    if (side.state !== 'up') return false;
    const direction = this.directionFrom(side);
    const { network } = this;
    network.counters.frames += 1;
    network.counters.bytes += frame.length;
    network.setup.watch?.(direction.from, direction.to, lane, frame);
    if (this.broken) return true;
    const flight = direction.launch(lane, frame);
    if (direction.queuedBytes > network.setup.queueBytes) {
      network.counters.overflows += 1;
      this.failAt(side, 'E_OVERFLOW: too much waits for the network');
      return false;
    }
    if (flight === undefined) {
      if (network.setup.delivery === 'fifo') this.fail('a frame was lost');
      return true;
    }
    this.fly(side, direction, flight);
    return true;
  }

  private fly(side: Side, direction: Direction, flight: Flight): void {
    const { network } = this;
    const { scheduler } = network.setup;
    scheduler.at(flight.arriveMs, () => this.arrive(side, direction, flight));
    for (const copy of direction.copies(flight)) scheduler.at(copy.arriveMs, () => this.arrive(side, direction, copy));
  }

  private arrive(from: Side, direction: Direction, flight: Flight): void {
    const to = from === this.sides[0] ? this.sides[1] : this.sides[0];
    if (direction.passes(flight)) {
      if (to.state !== 'over' && !this.gone && !direction.damaged) this.deliver(from, to, { direction, flight });
      return;
    }
    for (const due of direction.arrivals(flight)) {
      if (to.state === 'over' || this.gone || direction.damaged) return;
      this.deliver(from, to, { direction, flight: due });
    }
  }

  private deliver(from: Side, to: Side, { direction, flight }: { direction: Direction; flight: Flight }): void {
    if (!flight.copy && direction.taken(flight.frame.length, this.network.setup.queueBytes) && from.state === 'up') {
      from.endpoint.process.input(() => from.state === 'up' && from.endpoint.handlers.drained(from.link));
    }
    if (flight.corrupt) {
      this.network.counters.corrupted += 1;
      if (this.network.setup.delivery === 'fifo') {
        direction.damaged = true;
        this.failAt(to, 'E_FRAME_CRC: a damaged frame');
      }
      return;
    }
    if (this.network.setup.numbered && !this.isNext(to, direction, flight)) return;
    to.endpoint.process.input(() => {
      if (to.state === 'up') to.endpoint.handlers.frame(to.link, flight.frame);
    });
  }

  private isNext(to: Side, direction: Direction, flight: Flight): boolean {
    const number = direction.numbering(flight);
    if (number === 'gap') {
      direction.damaged = true;
      this.network.counters.gaps += 1;
      this.failAt(to, 'E_GAP: a frame is missing');
    }
    return number === 'next';
  }

  /** A block came or went. */
  reachChanged(): void {
    for (const [place, direction] of this.directions.entries()) {
      const side = at(this.sides, place);
      for (const flight of direction.reachChanged()) {
        this.network.setup.scheduler.at(flight.arriveMs, () => this.arrive(side, direction, flight));
      }
      if (direction.blockedSinceMs === this.network.nowMs) this.watchSilence(place, direction);
    }
  }

  /** The end that hears nothing gives up after its idle time. */
  private watchSilence(place: number, direction: Direction): void {
    const { network } = this;
    const since = direction.blockedSinceMs;
    network.setup.scheduler.at(network.nowMs + network.setup.idleMs, () => {
      if (this.gone || direction.blockedSinceMs !== since || since === undefined) return;
      network.counters.linksLost += 1;
      this.failAt(at(this.sides, 1 - place), 'E_IDLE: nothing came from the other end');
    });
  }

  /** Both ends learn of it, each in its own time; what was under way may still arrive before. */
  fail(reason: string): void {
    this.broken = true;
    for (const [place, side] of this.sides.entries()) this.endSoon(side, this.directions[place as 0 | 1].quiet(), reason);
  }

  /** One end found out; the other hears of it, or of nothing any more. */
  private failAt(side: Side, reason: string): void {
    this.broken = true;
    const other = side === this.sides[0] ? this.sides[1] : this.sides[0];
    const back = this.directionFrom(side);
    this.endSoon(side, 0, reason);
    const silent = this.network.isBlocked(back.from, back.to);
    this.endSoon(other, silent ? this.network.setup.idleMs : back.quiet(), `closed by the other end: ${reason}`);
  }

  /** This end closes, inside its turn. What it sent before may still arrive, or not. */
  end(place: number, reason: string): void {
    const side = at(this.sides, place);
    const other = at(this.sides, 1 - place);
    const direction = at(this.directions, place);
    this.endSoon(side, 0, reason);
    if (other.state === 'over') return;
    const graceful = this.network.setup.chance.draw(chanceKinds.closing, this.number, ++this.draws, direction.from) < 0.5;
    if (!graceful) this.broken = true;
    const silent = this.network.isBlocked(direction.from, direction.to);
    const afterMs = silent ? this.network.setup.idleMs : direction.behind();
    this.endSoon(other, graceful || silent ? afterMs : direction.quiet(), `closed by the other end: ${reason}`);
  }

  closedBy(endpoint: Endpoint, reason: string): void {
    this.end(this.sides[0].endpoint === endpoint ? dialling : accepting, reason);
  }

  machineEnded(machine: number, silent: boolean): void {
    for (const [place, side] of this.sides.entries()) {
      if (side.endpoint.machine !== machine || side.endpoint.process.alive) continue;
      side.state = 'over';
      side.endpoint.forget(this);
      const other = at(this.sides, 1 - place);
      this.broken = true;
      const direction = at(this.directions, place);
      const cut = silent || this.network.isBlocked(direction.from, direction.to);
      this.endSoon(other, cut ? this.network.setup.idleMs : direction.quiet(), 'the other end is gone');
    }
    this.settle();
  }

  private endSoon(side: Side, afterMs: number, reason: string): void {
    if (side.state === 'over') return this.settle();
    const run = (): void => {
      if (side.state === 'over') return;
      const wasUp = side.state === 'up';
      side.state = 'over';
      side.endpoint.forget(this);
      if (wasUp) side.endpoint.process.input(() => side.endpoint.handlers.linkDown(side.peer, side.link, reason));
      side.endpoint.redial();
      this.settle();
    };
    this.network.setup.scheduler.at(this.network.nowMs + afterMs, run);
  }

  private settle(): void {
    if (this.gone || this.sides.some(({ state }) => state !== 'over')) return;
    invariant(!this.gone, 'a connection ends once');
    this.gone = true;
    this.network.ended(this);
  }
}

function newSide(endpoint: Endpoint): Side {
  return { endpoint, state: 'waiting', link: 0, peer: 0, kind: 'member', incarnation: 0 };
}
