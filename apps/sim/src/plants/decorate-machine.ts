import { lockCommandCodec, lockReplyCodec } from '@quorate/codec-protobuf/lock';
import type { LockCommand, LockReply } from '@quorate/codec-protobuf/lock';
import type { ApplySink, Stamp, StateMachine, Tenure } from '@quorate/interface';
import { decodeLockReply, lockStateMachine } from '@quorate/lock/state-machine';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

/** Clients that take locks all the time, and no faults: what goes wrong is the service. */
export const busyLocks: Plant['change'] = (plan) =>
  steady(plan, { workload: { clients: 6, operationsPerSecond: 200, keys: 6 }, actions: [] });

/** The same machine, part of which is changed. */
export function decorateMachine(machine: StateMachine, change: Partial<StateMachine>): StateMachine {
  return {
    name: machine.name,
    version: machine.version,
    apply: (command, stamp, out) => machine.apply(command, stamp, out),
    query: (request) => machine.query(request),
    ...(machine.duties === undefined ? {} : { duties: (tenure: Tenure | undefined) => machine.duties?.(tenure) }),
    snapshot: () => machine.snapshot(),
    restore: () => machine.restore(),
    ...change,
  };
}

/** A lock service that answers otherwise than it does. */
export function decorateReplies(machine: StateMachine, change: (reply: LockReply, stamp: Stamp) => LockReply): StateMachine {
  return decorateMachine(machine, {
    apply: (command, stamp, out) =>
      machine.apply(command, stamp, {
        awaited: out.awaited,
        emit: (event) => out.emit(event),
        reply: (bytes) => out.reply(lockReplyCodec.encode(change(decodeLockReply(bytes), stamp))),
      }),
  });
}

/**
 * A lock service that does something else than it is told, or something more: the first command is answered. What the simulator watches is
 * told the command itself; another machine runs what became of it, and answers, counts time and is saved. The same on all members.
 */
export function decorateCommands(
  machine: StateMachine,
  change: (command: LockCommand, stamp: Stamp) => readonly [LockCommand, ...LockCommand[]],
): StateMachine {
  const spoiled = lockStateMachine();
  return decorateMachine(spoiled, {
    apply: (bytes, stamp, out) => {
      machine.apply(bytes, stamp, nobody);
      const command = lockCommandCodec.decode(bytes);
      if (command === undefined) return spoiled.apply(bytes, stamp, out);
      const [first, ...more] = change(command, stamp);
      spoiled.apply(lockCommandCodec.encode(first), stamp, out);
      for (const one of more) spoiled.apply(lockCommandCodec.encode(one), stamp, { ...nobody, emit: (event) => out.emit(event) });
    },
  });
}

const nobody: ApplySink = { awaited: false, reply: () => undefined, emit: () => undefined };
