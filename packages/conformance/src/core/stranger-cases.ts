import type { CoreInput, EntryBatch } from '@quorate/interface';
import { fingerprint } from '../difference.ts';
import { expectEqual, expectPresent, expectThat } from '../expectation.ts';
import { seededRandom } from '../seeded-random.ts';
import type { CoreCase } from './core-case.ts';
import type { CoreMember } from './core-member.ts';
import type { CoreSubject } from './core-subject.ts';
import { Group, type Flight } from './group.ts';

/** Determinism, what is given away, and messages that no correct member sends. */
export const strangerCases: readonly CoreCase[] = [
  { name: 'has equal effects for equal inputs', needs: [], check: isDeterministic },
  { name: 'never changes what it handed out', needs: [], check: givesAway },
  { name: 'drops and counts what no correct member sends, and ends the link', needs: [], check: dropsImpossible },
  { name: 'never throws on messages with any field changed', needs: [], check: bearsDamage },
  { name: 'never throws on entries that do not fit together', needs: [], check: bearsBadEntries },
  { name: 'never throws on messages of strangers and of links that are over', needs: [], check: bearsStrangers },
  { name: 'ignores completions and links that it knows nothing of', needs: [], check: bearsOldNews },
  { name: 'describes every message in words', needs: [], check: describes },
];

/** A group that has done a little of everything, with what was said in it. */
function busy<M>(subject: CoreSubject<M>): { readonly group: Group<M>; readonly said: readonly Flight<M>[] } {
  const group = new Group(subject, { voters: 3, limits: { memoryBytes: 200, messageBytes: 100, tailBytes: 0 } });
  const said: Flight<M>[] = [];
  const listen = (flight: Flight<M>): boolean => {
    if (!said.includes(flight)) said.push(flight);
    return true;
  };
  group.advance(subject.settleMs, listen);
  const leader = group.elect();
  for (let i = 0; i < 4; i++) {
    group.propose(leader, 3, 20);
    leader.read();
    for (const follower of group.others(leader.id)) follower.read();
    group.advance(subject.settleMs / 20, listen);
  }
  const late = expectPresent(group.others(leader.id)[0], 'there is a follower');
  group.crash(late.id);
  group.commit(10, 30);
  for (const member of group.up) member.takeSnapshot();
  group.commit(2);
  group.restart(late.id);
  group.advance(subject.settleMs, listen);
  return { group, said };
}

function isDeterministic<M>(subject: CoreSubject<M>): void {
  const { group } = busy(subject);
  for (const member of group.members) member.recording.compare();
}

function givesAway<M>(subject: CoreSubject<M>): void {
  const { group } = busy(subject);
  group.calm();
  group.verify();
}

/** The core of a member as it is now, and what follows one more input. */
function meet<M>(
  member: CoreMember<M>,
  input: CoreInput<M>,
  now: number,
): { readonly closes: readonly number[]; readonly before: string; readonly after: string } {
  const core = member.recording.twin();
  const before = fingerprint(core.status().detail);
  core.step(input, now);
  const { closes } = core.drain(now);
  const links = closes.map(({ link }) => link);
  const after = fingerprint(core.status().detail);
  core.step({ type: 'wake' }, now);
  core.drain(now);
  return { closes: links, before, after };
}

function dropsImpossible<M>(subject: CoreSubject<M>): void {
  const { group } = busy(subject);
  const leader = group.elect();
  for (const victim of group.members)
    for (const { id: from } of group.others(victim.id)) {
      const link = expectPresent(group.linkOf(victim.id, from), 'the members are linked');
      const impossible = subject.impossible(from);
      expectThat(impossible.length > 0, 'there are messages that no correct member sends: without them the suite proves nothing');
      for (const { what, message, entries = [] } of impossible) {
        const { closes, before, after } = meet(victim, { type: 'message', from, link, message, entries }, group.now);
        const who = victim === leader ? 'a leader' : 'a follower';
        expectEqual(closes, [link], `${who} ends the link over ${what}`);
        expectThat(before !== after, `${who} counts ${what} in status().detail`);
      }
    }
}

/** Numbers where a careless core stumbles. The last ones cannot come off a wire, but out of a codec with a fault. */
const oddNumbers: readonly number[] = [
  0,
  1,
  2 ** 31,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
];

/** Copies of a message, each with one field changed, however deep. */
function* damaged(value: unknown): Generator {
  if (typeof value === 'number') for (const odd of [...oddNumbers, value + 1, Math.max(0, value - 1)]) yield odd;
  else if (typeof value === 'boolean') yield !value;
  else if (typeof value === 'string') yield* ['', 'nothing', `${value}x`];
  else if (Array.isArray(value)) {
    yield [];
    yield [...(value as unknown[]), ...(value as unknown[])];
    for (const [i, part] of value.entries()) for (const other of damaged(part)) yield value.with(i, other);
  } else if (ArrayBuffer.isView(value)) yield new Uint8Array(0);
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) for (const other of damaged(part)) yield { ...value, [key]: other };
}

/** One message of every shape that was said. */
function shapes<M>(said: readonly Flight<M>[]): readonly Flight<M>[] {
  const seen = new Map<string, Flight<M>>();
  for (const flight of said) {
    const shape = fingerprint(flight.message).replaceAll(/\d+/gu, (digits) => (digits === '0' ? '0' : 'n'));
    if (!seen.has(shape)) seen.set(shape, flight);
  }
  return [...seen.values()];
}

function bearsDamage<M>(subject: CoreSubject<M>): void {
  const { group, said } = busy(subject);
  let met = 0;
  for (const { from, to, message, entries } of shapes(said)) {
    const victim = group.member(to);
    const link = group.linkOf(to, from) ?? 0;
    for (const other of damaged(message)) {
      meet(victim, { type: 'message', from, link, message: other as M, entries }, group.now);
      met++;
    }
  }
  expectThat(met > 100, `there is something to damage (${met})`);
}

/** The entries of a message, spoilt in one way each. */
function spoilt(entries: readonly EntryBatch[]): readonly (readonly EntryBatch[])[] {
  const [first] = entries;
  if (first === undefined) return [];
  const change = (fields: Partial<EntryBatch>): readonly EntryBatch[] => [{ ...first, ...fields }, ...entries.slice(1)];
  return [
    [],
    [...entries, ...entries],
    entries.toReversed(),
    change({ first: first.first + 1 }),
    change({ first: 0 }),
    change({ first: Number.MAX_SAFE_INTEGER }),
    change({ count: 0 }),
    change({ count: first.count + 1 }),
    change({ count: Number.NaN }),
    change({ ends: new Uint32Array(0) }),
    change({ ends: first.ends.map((end) => end + 1) }),
    change({ ends: first.ends.toReversed() }),
    change({ checksums: new Uint32Array(0) }),
    change({ body: [] }),
    change({ body: [new Uint8Array(3)] }),
    change({ kind: 'config' }),
    change({ kind: 'noop' }),
    change({ epoch: { round: 0, owner: 0 } }),
    change({ epoch: { round: Number.MAX_SAFE_INTEGER, owner: 0 } }),
    change({ epoch: { round: first.epoch.round, owner: 77 } }),
  ];
}

function bearsBadEntries<M>(subject: CoreSubject<M>): void {
  const { group, said } = busy(subject);
  let met = 0;
  const carriers = said.filter(({ entries }) => entries.length > 0);
  for (const { from, to, message, entries } of carriers.slice(0, 12))
    for (const other of spoilt(entries)) {
      meet(group.member(to), { type: 'message', from, link: group.linkOf(to, from) ?? 0, message, entries: other }, group.now);
      met++;
    }
  // Entries beside messages that carry none.
  const beside = carriers[0]?.entries ?? [];
  for (const { from, to, message } of shapes(said)) {
    meet(group.member(to), { type: 'message', from, link: group.linkOf(to, from) ?? 0, message, entries: beside }, group.now);
    met++;
  }
  expectThat(met > 20, `there is something to spoil (${met})`);
}

function bearsStrangers<M>(subject: CoreSubject<M>): void {
  const { group, said } = busy(subject);
  for (const { to, from, message, entries } of shapes(said))
    for (const sender of [99, to, from])
      for (const link of [0, 424_242])
        meet(group.member(to), { type: 'message', from: sender, link, message, entries }, group.now);
  const random = seededRandom(9);
  // Whatever was said, said again to anybody in any order, within one life.
  for (const victim of group.members) {
    const core = victim.recording.twin();
    for (let i = 0; i < 300; i++) {
      const flight = said[Math.floor(random() * said.length)];
      if (flight === undefined || flight.from === victim.id) continue;
      const { from, message, entries } = flight;
      core.step({ type: 'message', from, link: group.linkOf(victim.id, from) ?? 0, message, entries }, group.now);
      if (random() < 0.3) core.drain(group.now);
    }
    expectThat(core.drain(group.now).diverged === undefined, 'old messages are no proof of broken safety');
  }
}

function bearsOldNews<M>(subject: CoreSubject<M>): void {
  const { group } = busy(subject);
  for (const member of group.members) {
    const meta = [...member.snapshots.values()][0]?.meta;
    member.input({ type: 'linkDown', peer: 2, link: 777_777 });
    member.input({ type: 'linkDown', peer: 99, link: 777_778 });
    member.input({ type: 'fetched', fetch: 777_777, entries: [] });
    member.input({ type: 'fetched', fetch: 777_778, entries: [], lost: 'compacted' });
    member.input({ type: 'persisted', write: Math.min(1, member.rules.writeNumber) });
    member.input({ type: 'applied', index: Math.min(1, member.appliedIndex) });
    if (meta !== undefined) member.input({ type: 'snapshotFailed', meta });
    member.turn();
  }
  group.calm();
}

function describes<M>(subject: CoreSubject<M>): void {
  const { said } = busy(subject);
  for (const { message } of said) {
    const text = subject.kind.describe(message);
    expectThat(text.length > 0 && !text.includes('\n') && text.length < 500, `a message is described in a line (${text})`);
  }
}
