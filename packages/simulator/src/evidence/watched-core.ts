import type { Core, CoreInput, CoreKind, CoreSetup } from '@quorate/interface';
import type { Ledger, MemberRecord } from './ledger.ts';

/** The same core, seen by the ledger. */
export function watchedCore<M>(kind: CoreKind<M>, ledger: Ledger, record: MemberRecord): CoreKind<M> {
  return {
    protocol: kind.protocol,
    formatVersion: kind.formatVersion,
    needs: kind.needs,
    abilities: kind.abilities,
    describe: (message) => kind.describe(message),
    create: (setup) => watch(kind, setup, { ledger, record }),
  };
}

function watch<M>(kind: CoreKind<M>, setup: CoreSetup, eyes: { ledger: Ledger; record: MemberRecord }): Core<M> {
  const { ledger, record } = eyes;
  const core = kind.create(setup);
  const status = (): ReturnType<Core<M>['status']> => core.status();
  record.status = status;
  return {
    step: (input: CoreInput<M>, now) => core.step(input, now),
    drain: (now) => {
      const effects = core.drain(now);
      ledger.drained(record, effects, status);
      return effects;
    },
    cached: (from, maxBytes) => core.cached(from, maxBytes),
    metaAt: (index) => core.metaAt(index),
    status,
  };
}
