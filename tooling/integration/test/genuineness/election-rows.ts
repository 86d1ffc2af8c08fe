import type { Subject } from './cores.ts';
import { distinct, Group } from './group.ts';
import type { Row } from './row.ts';

const seeds: readonly number[] = Array.from({ length: 20 }, (_, place) => place + 1);

function ascending(ids: readonly number[]): number[] {
  return distinct(ids).toSorted((a, b) => a - b);
}

/** Links down between all members but one and the others. */
function star(group: Group, hub: number): void {
  const leaves = group.ids.filter((id) => id !== hub);
  for (const a of leaves) for (const b of leaves) if (a < b) group.tell(`link-down ${a}-${b}`);
}

const eligibility: Row = {
  id: 'O5',
  differs: 'eligibility (G3): 1 alone reaches a majority, and its log is older than that of 2 and 4',
  observe(subject) {
    const group = Group.led(subject, 5);
    group.tell('hold 5->1,3 log');
    group.propose(5, 'x');
    group.tell('stabilize 2,4,5', 'partition 5|1,2,3,4');
    for (const pair of ['2-3', '2-4', '3-4']) group.tell(`link-down ${pair}`);
    const { mark } = group;
    group.elect(1);
    group.tell('advance 20000 stabilize');
    const others = group.leaders.filter((id) => id !== 5);
    return { leaders: others, learnsX: group.applied(1, mark).includes('x') };
  },
  expected: {
    raft: { leaders: [], learnsX: false },
    'multi-paxos': { leaders: [1], learnsX: true },
    zab: { leaders: [], learnsX: false },
  },
};

const persistedElectionState: Row = {
  id: 'O12',
  differs: 'what of an election is on the disk',
  observe(subject) {
    const group = Group.led(subject, 3);
    const seen = group.seen;
    const vote = seen.findIndex((one) => one.what === 'sent' && one.from === 1 && one.message.kind === group.words.votes);
    const durableBeforeVote = seen.slice(0, vote).some((one) => one.what === 'wrote' && one.member === 1 && one.hardState);
    // A voter alone, after a crash: it knows what its disk told it.
    group.tell('crash 3', 'crash 2', 'crash 1', 'link-down 1-2', 'link-down 1-3', 'restart 1');
    const detail = group.detail(1);
    const isKept = (value: unknown): boolean =>
      typeof value === 'number'
        ? value > 0
        : typeof value === 'object' && value !== null && 'round' in value && value.round !== 0;
    const kept = ['term', 'votedFor', 'promised', 'acceptedEpoch', 'currentEpoch'].filter((name) => isKept(detail[name]));
    const { vote: volatile } = detail as { vote?: { leader: number } };
    return { durableBeforeVote, kept, votesAfterRestartFor: volatile?.leader ?? Number(detail['votedFor'] ?? 0) };
  },
  expected: {
    raft: { durableBeforeVote: true, kept: ['term', 'votedFor'], votesAfterRestartFor: 3 },
    'multi-paxos': { durableBeforeVote: true, kept: ['promised'], votesAfterRestartFor: 0 },
    zab: { durableBeforeVote: false, kept: ['acceptedEpoch', 'currentEpoch'], votesAfterRestartFor: 1 },
  },
};

const voteFlips: Row = {
  id: 'O13',
  differs: 'votes of one member in one round, term or ballot, asked by 3 and, after a crash, by 2',
  observe(subject) {
    const group = new Group(subject, 3, 'plain');
    if (!group.isZab) group.tell('campaign 3', 'campaign 2');
    const { mark } = group;
    group.deliverAll(3, 1);
    if (!group.isZab) group.tell('crash 1', 'restart 1');
    group.deliverAll(2, 1);
    group.deliverAll(3, 1);
    group.tell('stabilize');
    const grants = new Map<string, Set<number>>();
    for (const { from, to, message } of group.sent(0)) {
      const grant = group.words.grant(message, to);
      if (from === 1 && grant !== undefined) grants.set(grant.number, (grants.get(grant.number) ?? new Set()).add(grant.whom));
    }
    const heard = group.since(mark).flatMap((one) => (one.what === 'delivered' && one.to === 1 ? [one.from] : []));
    return { asked: ascending(heard), whomInOne: Math.max(...[...grants.values()].map(({ size }) => size)) };
  },
  expected: {
    raft: { asked: [2, 3], whomInOne: 1 },
    'multi-paxos': { asked: [2, 3], whomInOne: 1 },
    zab: { asked: [2, 3], whomInOne: 2 },
  },
};

const winner: Row = {
  id: 'O14',
  differs: 'who wins a fresh start with equal logs (G9), 20 seeds',
  observe(subject) {
    const winners = seeds.flatMap((seed) => {
      const group = new Group(subject, 3, `seed=${seed}`);
      group.tell('advance 4000 stabilize');
      return group.leaders;
    });
    return { elections: winners.length, winners: ascending(winners) };
  },
  expected: {
    raft: { elections: 20, winners: [1, 2, 3] },
    'multi-paxos': { elections: 20, winners: [1, 2, 3] },
    zab: { elections: 20, winners: [3] },
  },
};

const numberAllocation: Row = {
  id: 'O15',
  differs: 'numbers that elections use up while nobody reaches anybody for ten timeouts, 20 seeds',
  observe(subject) {
    let burning = 0;
    let sharing = 0;
    for (const seed of seeds) {
      const group = new Group(subject, 3, `plain seed=${seed}`);
      group.tell('partition 1|2|3', 'advance 10000');
      const claims = group.ids.map((id) => {
        const own = group.seen.flatMap((one) => (one.what === 'role' && one.member === id ? [one.role] : []));
        const numbers = own.flatMap(({ role, epoch }) => (role === 'candidate' && epoch.round > 0 ? [epoch] : []));
        return distinct(numbers.map(({ round, owner }) => `${round}.${owner}`));
      });
      if (claims.every((numbers) => numbers.length > 0)) burning++;
      const all = claims.flat();
      if (distinct(all).length < all.length) sharing++;
    }
    return { burning, sharing };
  },
  expected: {
    raft: { burning: 20, sharing: 20 },
    'multi-paxos': { burning: 20, sharing: 0 },
    zab: { burning: 0, sharing: 0 },
  },
};

/** 1 of five is alone for 20 timeouts and returns; how often somebody becomes leader afterwards. */
function depositions(subject: Subject, options: string): number {
  const group = Group.led(subject, 5, options);
  group.tell('partition 1|2,3,4,5', 'advance 20000 stabilize');
  const { mark } = group;
  group.tell('heal', 'stabilize', 'advance 5000 stabilize');
  const leaders = group.since(mark).flatMap((one) => (one.what === 'role' && one.role.ready ? [one.role.epoch] : []));
  return distinct(leaders.map(({ round, owner }) => `${round}.${owner}`)).length;
}

const loudMinority: Row = {
  id: 'O16',
  differs: 'a loud minority (G8): without and with what practice has added against it',
  observe(subject) {
    const plain = depositions(subject, 'plain fifo');
    const damped = depositions(subject, 'fifo');
    // Where it cannot see that it reaches nobody.
    const unaware = depositions(subject, '');
    return { deposesWhenPlain: plain > 0, deposes: damped > 0, deposesMoreThanOnce: unaware > 1 };
  },
  expected: {
    raft: { deposesWhenPlain: true, deposes: false, deposesMoreThanOnce: false },
    'multi-paxos': { deposesWhenPlain: true, deposes: false, deposesMoreThanOnce: false },
    zab: { deposesWhenPlain: false, deposes: false, deposesMoreThanOnce: false },
  },
};

/** 3 of three loses the others for five timeouts: whether it still calls itself leader, and what it can commit. */
function alone(subject: Subject, options: string): { leads: boolean; commits: boolean } {
  const group = Group.led(subject, 3, options);
  group.tell('partition 3|1,2', 'advance 5000 stabilize');
  const leads = group.leaders.includes(3);
  const { mark } = group;
  group.propose(3, 'alone');
  group.tell('advance 1000 stabilize');
  return { leads, commits: group.applied(3, mark).includes('alone') };
}

const withoutContact: Row = {
  id: 'O17',
  differs: 'a leader that reaches no quorum, with and without what practice has added',
  observe(subject) {
    const damped = alone(subject, '');
    const plain = alone(subject, 'plain');
    return { leads: damped.leads, leadsWhenPlain: plain.leads, commits: damped.commits || plain.commits };
  },
  expected: {
    raft: { leads: false, leadsWhenPlain: true, commits: false },
    'multi-paxos': { leads: true, leadsWhenPlain: true, commits: false },
    zab: { leads: false, leadsWhenPlain: false, commits: false },
  },
};

const restartedFollower: Row = {
  id: 'O18',
  differs: 'a follower that restarts in a healthy cluster (G10): who speaks first, and how it is brought back',
  observe(subject) {
    const group = Group.led(subject, 3);
    const before = group.role(3)?.epoch.round ?? 0;
    group.tell('crash 1');
    group.propose(3, 'y');
    group.tell('stabilize');
    const { mark } = group;
    group.tell('restart 1');
    const unasked = group.sent(mark).filter(({ from }) => from === 1);
    group.tell('stabilize', 'advance 1000 stabilize');
    const kinds = group
      .sent(mark)
      .filter(({ from, to }) => from === 1 || to === 1)
      .map(({ message }) => message.kind);
    const steps = distinct(kinds).filter((kind) => group.words.synchronizes.includes(kind) || kind === 'cepoch');
    return {
      firstWords: distinct(unasked.map(({ message }) => message.kind)),
      handshake: steps,
      sameEpoch: (group.role(3)?.epoch.round ?? 0) === before && group.leaders.includes(3),
      applied: group.applied(1, mark).includes('y'),
    };
  },
  expected: {
    raft: { firstWords: [], handshake: [], sameEpoch: true, applied: true },
    'multi-paxos': { firstWords: [], handshake: [], sameEpoch: true, applied: true },
    zab: {
      firstWords: ['notification'],
      handshake: ['cepoch', 'diff', 'new-leader', 'ack-leader', 'up-to-date'],
      sameEpoch: true,
      applied: true,
    },
  },
};

/** Who leads a star whose hub, the highest number, has an entry that no leaf has. */
function ledByHub(subject: Subject, size: number): boolean {
  const group = Group.led(subject, size);
  group.propose(size, 'freshest');
  for (const leaf of group.ids) group.lose(size, leaf);
  group.tell(`crash ${size}`);
  star(group, size);
  group.tell('advance 1000', `restart ${size}`);
  group.elect(size, { afterMs: 0 });
  group.tell('advance 20000 stabilize');
  return group.leaders.includes(size);
}

const starTopology: Row = {
  id: 'O27',
  differs: 'a star whose hub has the freshest log: five members, and three',
  observe: (subject) => ({ five: ledByHub(subject, 5), three: ledByHub(subject, 3) }),
  expected: {
    raft: { five: true, three: true },
    'multi-paxos': { five: true, three: true },
    zab: { five: false, three: true },
  },
};

/** Who may lead, and what it takes. */
export const electionRows: readonly Row[] = [
  eligibility,
  persistedElectionState,
  voteFlips,
  winner,
  numberAllocation,
  loudMinority,
  withoutContact,
  restartedFollower,
  starTopology,
];
