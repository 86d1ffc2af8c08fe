import { expectThat } from '../expectation.ts';
import type { CoreCase } from './core-case.ts';
import { runChaos, type ChaosKind } from './chaos.ts';

const seeds: readonly number[] = [1, 2, 3, 4, 5, 6];

/** Everything at once, with chance from a seed. In every step all rules of all other cases are looked at. */
export const chaosCases: readonly CoreCase[] = [
  ...seeds.map((seed) => chaosCase('fifo', seed, 'keeps one history through cuts, crashes and slow disks over ordered links')),
  ...seeds.map((seed) => chaosCase('datagram', seed, 'keeps one history through loss, repetition, disorder and crashes')),
];

function chaosCase(kind: ChaosKind, seed: number, name: string): CoreCase {
  return {
    name: `${name} (seed ${seed})`,
    needs: kind === 'datagram' ? ['datagrams'] : [],
    check: (subject) => {
      let decided = 0;
      for (let round = 0; round < 3; round++) decided += runChaos(subject, { kind, seed: seed * 100 + round, steps: 2_500 });
      expectThat(decided > 0, 'something was decided: otherwise the case proves nothing');
    },
  };
}
