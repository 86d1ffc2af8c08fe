import type { Subject } from './cores.ts';
import { Group } from './group.ts';

/** 3 pipelines A and B; A reaches nobody, B reaches 1 and, where `known`, is chosen and known to be. 3 crashes, 2 takes over. */
export function withoutPredecessor(subject: Subject, known: boolean): Group {
  const group = Group.led(subject, 3);
  group.propose(3, 'A', 'B');
  group.lose(3, 1);
  group.lose(3, 2);
  group.deliverAll(3, 1);
  if (known) {
    group.deliverAll(3, 2);
    group.deliverAll(1, 3);
    group.deliverAll(3, 1);
    group.deliverAll(3, 2);
  }
  group.tell('crash 3', 'heal');
  group.elect(2);
  return group;
}
