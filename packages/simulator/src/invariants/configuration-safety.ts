import type { Config } from '@quorate/interface';
import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';

/** I-08: one id names one configuration; what follows a configuration without a joint step has majorities that meet its own. */
export function configurationSafety(ledger: Ledger, genesis: Config): Observer {
  const known = new Map<number, Config>([[genesis.id, genesis]]);
  return {
    drained(member, effects) {
      const change = effects.config;
      if (change === undefined || change.stage === 'proposed') return;
      const { config } = change;
      const before = known.get(config.id);
      known.set(config.id, config);
      if (before !== undefined && votersOf(before) !== votersOf(config)) {
        ledger.violate(
          'I-08',
          `member ${member.id}: configuration ${config.id} is ${votersOf(config)}, and was ${votersOf(before)}`,
        );
      }
      const previous = known.get(config.id - 1);
      if (previous !== undefined && !meet(previous, config)) {
        ledger.violate(
          'I-08',
          `configurations ${previous.id} (${votersOf(previous)}) and ${config.id} (${votersOf(config)}) have majorities that do not meet`,
        );
      }
    },
  };
}

function votersOf({ voters, next }: Config): string {
  const own = [...voters].sort((a, b) => a - b).join(',');
  return next === undefined ? own : `${own} and ${votersOf(next)}`;
}

// Raft thesis §4.3: a joint configuration decides with both its halves, and shares one of them with each neighbour.
function meet(old: Config, next: Config): boolean {
  const halves = (config: Config): string[] => votersOf(config).split(' and ');
  if (halves(old).some((half) => halves(next).includes(half))) return true;
  const union = new Set([...old.voters, ...next.voters]).size;
  return majority(old) + majority(next) > union;
}

function majority({ voters }: Config): number {
  return Math.floor(voters.length / 2) + 1;
}
