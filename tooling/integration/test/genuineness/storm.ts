import { seededRandom } from '@quorate/datadriven';
import type { Subject } from './cores.ts';
import { distinct, Group } from './group.ts';
import type { Facts } from './row.ts';

const seeds: readonly number[] = Array.from({ length: 20 }, (_, place) => place + 1);
const rounds = 1000;

/** What three members came to in a storm of one seed. */
interface Storm {
  /** Commands committed while it lasted, by whoever got furthest. */
  readonly committed: number;
  readonly linkEnds: number;
  /** All members applied the same, and what was proposed once it was over. */
  readonly isEqual: boolean;
}

/** 1 message of 50 is lost, 1 of 20 doubled, and any may be the next; where that ends a link, it is made again half a second later. */
function storm(subject: Subject, seed: number): Storm {
  const group = Group.led(subject, 3, `seed=${seed}`);
  const random = seededRandom(seed * 7919);
  const { mark } = group;
  for (let round = 1; round <= rounds; round++) {
    const [leader] = group.leaders;
    if (leader !== undefined && round % 10 === 0) group.propose(leader, `c${round}`);
    for (let count = 0; count < 4; count++) disturb(group, random);
    group.tell('advance 10');
    if (round % 50 === 0) group.tell('heal');
  }
  const committed = Math.max(...group.ids.map((id) => commandsOf(group, id, mark).length));
  group.tell('heal', 'stabilize', 'advance 5000 stabilize');
  const [leader] = group.leaders;
  if (leader !== undefined) group.propose(leader, 'calm');
  group.tell('stabilize', 'advance 2000 stabilize');
  const histories = group.ids.map((id) => commandsOf(group, id, mark));
  const isEqual = distinct(histories.map((history) => history.join(' '))).length === 1 && histories[0]?.at(-1) === 'calm';
  return { committed, linkEnds: group.linkEnds(mark), isEqual };
}

function disturb(group: Group, random: () => number): void {
  const wire = group.underWay();
  const message = wire[Math.floor(random() * wire.length)];
  if (message === undefined) return;
  const fate = random();
  if (fate < 0.02) group.drop(message);
  else {
    if (fate < 0.07 && !group.isZab) group.duplicate(message);
    group.deliver(message);
  }
}

function commandsOf(group: Group, id: number, mark: number): string[] {
  return group.applied(id, mark).filter((text) => text !== 'noop');
}

/** 20 storms. Half of the commands is what "keeps committing" asks for, in every one of them. */
export function storms(subject: Subject): Facts {
  const all = seeds.map((seed) => storm(subject, seed));
  return {
    keepsCommitting: all.every(({ committed }) => committed > rounds / 10 / 2),
    losesLinks: all.every(({ linkEnds }) => linkEnds > 0),
    inTheEndEqual: all.every(({ isEqual }) => isEqual),
  };
}
