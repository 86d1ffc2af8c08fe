import { at, compareEpochs } from '@quorate/interface';
import type { Recovered } from '@quorate/interface';
import type { Ledger, MemberRecord } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';
import { sumOf } from '../evidence/shadow-log.ts';
import type { ShadowLog } from '../evidence/shadow-log.ts';

/**
 * I-06 and the recovery half of I-13: what a journal finds is what it held after some prefix of the batches, with everything that it had
 * called durable; hard state is never half, never older.
 */
export function hardState(ledger: Ledger): Observer {
  return {
    recovered(member, recovered) {
      if (recovered.damaged.length > 0) return;
      const prefix = matchingPrefix(member, recovered);
      if (typeof prefix === 'string') {
        if (!member.damaged) ledger.violate('I-06', `member ${member.id} recovers what it never held: ${prefix}`);
        return;
      }
      member.latest = prefix;
      member.durable = prefix.clone();
      const last = Math.max(prefix.last, recovered.snapshot?.index ?? 0);
      if (recovered.commit > last)
        ledger.violate('I-06', `member ${member.id} recovers commit ${recovered.commit}, beyond its last entry ${last}`);
    },
  };
}

/** The log after the prefix that was found, or why there is none. The longest one wins: equal states need not be told apart. */
function matchingPrefix(member: MemberRecord, recovered: Recovered): ShadowLog | string {
  const candidate = member.durable.clone();
  const found: { log?: ShadowLog } = {};
  let reason = difference(candidate, recovered);
  if (reason === undefined) found.log = candidate.clone();
  for (const { batch } of member.pending) {
    candidate.apply(batch);
    const next = difference(candidate, recovered);
    if (next === undefined) found.log = candidate.clone();
    reason ??= next;
  }
  return found.log ?? reason ?? 'no reason';
}

function difference(log: ShadowLog, recovered: Recovered): string | undefined {
  if (!sameBytes(log.hardState, recovered.hardState)) return 'another hard state';
  if (log.snapshot?.id !== recovered.snapshot?.id) return `snapshot ${recovered.snapshot?.id}, not ${log.snapshot?.id}`;
  if (recovered.commit !== Math.max(log.commit, log.snapshot?.index ?? 0)) return `commit ${recovered.commit}, not ${log.commit}`;
  return differentRuns(log, recovered) ?? differentTail(log, recovered);
}

function differentRuns(log: ShadowLog, { runs }: Recovered): string | undefined {
  let index = Math.max(log.compactBelow, 1);
  const first = runs[0]?.from ?? index;
  // Entries below a received snapshot may be gone with the log that they stood in.
  if (first > index && first <= (log.snapshot?.index ?? 0) + 1) index = first;
  for (const run of runs) {
    for (; index < run.from; index++) if (log.has(index)) return `entry ${index} is missing`;
    for (; index <= run.to; index++) {
      if (!log.has(index)) return `entry ${index} was never there`;
      const held = { round: at(log.rounds, index), owner: at(log.owners, index) };
      if (compareEpochs(held, run.epoch) !== 0) return `entry ${index} has epoch ${run.epoch.round}, not ${held.round}`;
    }
  }
  for (; index <= log.last; index++) if (log.has(index)) return `entry ${index} is missing at the end`;
  return undefined;
}

function differentTail(log: ShadowLog, { tail }: Recovered): string | undefined {
  for (const run of tail) {
    for (let place = 0; place < run.count; place++) {
      if (log.sums[run.first + place] !== sumOf(at(run.checksums, place), run.kind))
        return `entry ${run.first + place} has another payload`;
    }
  }
  return undefined;
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, place) => byte === b[place]);
}
