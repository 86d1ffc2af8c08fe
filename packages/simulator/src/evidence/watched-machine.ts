import type { StateMachine } from '@quorate/interface';
import type { Ledger, MemberRecord } from './ledger.ts';

/** The same state machine, seen by the ledger. */
export function watchedMachine(machine: StateMachine, ledger: Ledger, record: MemberRecord): StateMachine {
  return {
    name: machine.name,
    version: machine.version,
    ...(machine.prepare === undefined ? {} : { prepare: machine.prepare.bind(machine) }),
    ...(machine.duties === undefined ? {} : { duties: machine.duties.bind(machine) }),
    apply: (command, stamp, out) => {
      machine.apply(command, stamp, out);
      ledger.applied(record, command, stamp);
    },
    query: (request) => machine.query(request),
    snapshot: () => machine.snapshot(),
    restore: () => {
      const sink = machine.restore();
      return {
        write: (chunk) => sink.write(chunk),
        finish: () => {
          sink.finish();
          ledger.restored(record);
        },
      };
    },
  };
}
