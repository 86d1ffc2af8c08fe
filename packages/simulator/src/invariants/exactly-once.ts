import type { Crc32, Index } from '@quorate/interface';
import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';

/** I-11: a command that no two calls share reaches the state machine at one index only, however often its client sent it. `isUnique` knows the workload. */
export function exactlyOnce(ledger: Ledger, crc32: Crc32, isUnique: (command: Uint8Array) => boolean): Observer {
  const places = new Map<number, Index>();
  /** Whoever delivers an entry first shows it; that the others deliver the same is another claim. */
  let seen: Index = 0;
  return {
    applied(member, command, { index }) {
      if (index <= seen) return;
      seen = index;
      if (!isUnique(command)) return;
      // 53 bits: at 32 two commands of a long run would meet by chance.
      const name = crc32(command, 0) * 0x20_0000 + (fnv(command) & 0x1f_ffff);
      const before = places.get(name);
      if (before === undefined) places.set(name, index);
      else if (before !== index)
        ledger.violate('I-11', `one command is delivered at ${before} and again at ${index} (seen on member ${member.id})`);
    },
  };
}

// FNV-1a: independent of the CRC, whose differences are the same for all starts.
function fnv(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (let place = 0; place < bytes.length; place++) hash = Math.imul(hash ^ (bytes[place] as number), 0x0100_0193);
  return hash;
}
