import type { Index } from '@quorate/interface';
import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';
import { sumOf } from '../evidence/shadow-log.ts';

/**
 * I-03, the form of all protocols: one position and one epoch have one value, on whatever member. (Raft's Log Matching and ZAB's equal
 * prefixes say more, and are checked for them alone.)
 */
export function oneHistory(ledger: Ledger): Observer {
  const values = new Map<number, Map<Index, number>>();
  return {
    appended(member, batch) {
      for (const run of batch.entries) {
        const { round, owner } = run.epoch;
        const epoch = round * owners + owner;
        let known = values.get(epoch);
        if (known === undefined) values.set(epoch, (known = new Map()));
        for (let place = 0; place < run.count; place++) {
          const index = run.first + place;
          const sum = sumOf(run.checksums[place] as number, run.kind);
          const before = known.get(index);
          if (before === undefined) known.set(index, sum);
          else if (before !== sum) {
            ledger.violate(
              'I-03',
              `member ${member.id} appends another value at ${index} of epoch ${round}.${owner} than was appended before`,
            );
          }
        }
      }
    },
  };
}

// Owners are members of a simulated cluster: small numbers.
const owners = 4096;
