import { LockMode } from '@quorate/codec-protobuf/lock';
import { busyLocks, decorateCommands } from './decorate-machine.ts';
import type { Plant } from './plant.ts';

/** A writer has readers beside it. */
const readersBesideWriter: Plant = {
  name: 'readers-beside-writer',
  workload: 'lock',
  text: 'every third exclusive acquire is granted as a shared one',
  plants: () => ({
    machine: (machine) =>
      decorateCommands(machine, (command, { ordinal }) => [
        command.kind === 'acquire' && command.mode === LockMode.EXCLUSIVE && command.delayMs === 0 && ordinal % 3 === 0
          ? { ...command, mode: LockMode.SHARED }
          : command,
      ]),
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: busyLocks,
};

/** One more holds a semaphore than it has permits. */
const surplusPermit: Plant = {
  name: 'surplus-permit',
  workload: 'lock',
  text: 'a semaphore grants one permit more than it has',
  plants: () => ({
    machine: (machine) =>
      decorateCommands(machine, (command) => [
        command.kind === 'acquire' && command.mode === LockMode.PERMIT ? { ...command, permits: command.permits + 1 } : command,
      ]),
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: busyLocks,
};

/** Whoever entered twice and left once believes to hold the lock, and it is another's. */
const leftAtOnce: Plant = {
  name: 'left-at-once',
  workload: 'lock',
  text: 'a lock that was entered twice is free when it was left once',
  plants: () => ({
    machine: (machine) =>
      decorateCommands(machine, (command) =>
        command.kind === 'release' && command.request > 0 && command.lock !== 'delayed'
          ? [command, { ...command, request: 0 }]
          : [command],
      ),
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: busyLocks,
};

/** Beyond all numbers that clients choose. */
const anotherRequest = 2 ** 40;

/** A client that asks again because it heard nothing gets what it asked for twice. */
const retryRunsTwice: Plant = {
  name: 'retry-runs-twice',
  workload: 'lock',
  text: 'a request that is asked again is taken for another one',
  plants: () => ({
    machine: (machine) =>
      decorateCommands(machine, (command) => {
        if (command.kind !== 'acquire') return [command];
        const isFirst = new TextDecoder().decode(command.metadata).endsWith('attempt 1');
        return [isFirst ? command : { ...command, request: command.request + anotherRequest }];
      }),
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: busyLocks,
};

/** The leader of an election resigns, and the next candidate waits on for what it has had and lost. */
const candidatePassedOver: Plant = {
  name: 'candidate-passed-over',
  workload: 'lock',
  text: 'the candidate that a resignation wakes is passed over',
  plants: () => ({
    machine: (machine) =>
      decorateCommands(machine, (command) =>
        command.kind === 'release' && command.lock === 'election'
          ? [command, { kind: 'force-release', lock: command.lock, token: 0, noDelay: true, by: 'a bug', reason: '' }]
          : [command],
      ),
  }),
  seeds: [1, 2, 3],
  seconds: 6,
  change: busyLocks,
};

/** Bugs of readers, permits, requests that share a grant or come again, and elections. */
export const lockModePlants: readonly Plant[] = [
  readersBesideWriter,
  surplusPermit,
  leftAtOnce,
  retryRunsTwice,
  candidatePassedOver,
];
