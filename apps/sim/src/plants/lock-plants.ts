import { lockCommandCodec } from '@quorate/codec-protobuf/lock';
import type { Tenure } from '@quorate/interface';
import { refusalOf } from '@quorate/lock/state-machine';
import { busyLocks, decorateMachine, decorateReplies } from './decorate-machine.ts';
import type { Plant } from './plant.ts';

/** A holder is told the token of somebody else's grant: what the resource was promised to tell apart looks the same. */
const sharedTokens: Plant = {
  name: 'shared-tokens',
  workload: 'lock',
  text: 'every fourth grant is told with the token of the grant before it',
  plants: () => ({
    machine: (machine) => {
      let before = 0;
      let grants = 0;
      return decorateReplies(machine, (reply) => {
        if (reply.kind !== 'granted') return reply;
        grants += 1;
        const token = grants % 4 === 0 && before > 0 ? before : reply.token;
        before = reply.token;
        return { ...reply, token };
      });
    },
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: busyLocks,
};

/** The clock of the leader’s duties runs ahead: sessions end while their clients still have time. */
const hastyClock: Plant = {
  name: 'hasty-clock',
  workload: 'lock',
  text: 'the clock by which a leader ends sessions runs four times as fast',
  plants: () => ({
    machine: (machine) =>
      decorateMachine(machine, {
        duties: (tenure) => machine.duties?.(tenure === undefined ? undefined : quicker(tenure)),
      }),
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: busyLocks,
};

function quicker(tenure: Tenure): Tenure {
  return {
    number: tenure.number,
    now: () => tenure.now() * 4,
    propose: (command) => tenure.propose(command),
    at: (deadlineMs, run) => tenure.at(deadlineMs / 4, run),
  };
}

/** A lock stays taken for ever after the death of its holder: nothing unsafe happens, and nobody gets it any more. */
const endlessDelay: Plant = {
  name: 'endless-delay',
  workload: 'lock',
  text: 'the leader forgets to end the delay after the death of a holder',
  plants: () => ({
    machine: (machine) =>
      decorateMachine(machine, {
        duties: (tenure) => machine.duties?.(tenure === undefined ? undefined : forgetful(tenure)),
      }),
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: busyLocks,
};

function forgetful(tenure: Tenure): Tenure {
  return {
    ...tenure,
    propose: (command) => {
      if (lockCommandCodec.decode(command)?.kind !== 'end-delay') tenure.propose(command);
    },
  };
}

/** Who is to be refused is told that it has the lock, with a token that looks well. */
const twoHolders: Plant = {
  name: 'two-holders',
  workload: 'lock',
  text: 'every third refused acquire is told that it was granted',
  plants: () => ({
    machine: (machine) => {
      let refusals = 0;
      return decorateReplies(machine, (reply, { ordinal }) => {
        if (reply.kind !== 'refused' || refusalOf(reply.code) !== 'E_LOCK_HELD') return reply;
        refusals += 1;
        return refusals % 3 === 0 ? { kind: 'granted', token: ordinal, count: 1 } : reply;
      });
    },
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: busyLocks,
};

/** Bugs of a lock service. */
export const lockPlants: readonly Plant[] = [sharedTokens, hastyClock, endlessDelay, twoHolders];
