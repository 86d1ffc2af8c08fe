import { Method } from '@quorate/kv/state-machine';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

/** One member's store skips one command: its state is another one from there on, though its log is the same. */
export const forgottenCommand: Plant = {
  name: 'forgotten-command',
  text: 'the state machine of member 2 forgets one command',
  plants: () => ({
    machine: (machine, member) => {
      if (member !== 2) return machine;
      let puts = 0;
      let answer = new Uint8Array(0);
      return {
        name: machine.name,
        version: machine.version,
        apply: (command, stamp, out) => {
          if (command[0] !== Method.put) return machine.apply(command, stamp, out);
          puts += 1;
          // Its client is told what the one before was told, and is content.
          if (puts === 50) return out.reply(answer);
          const reply = (result: Uint8Array): void => {
            answer = result.slice();
            out.reply(result);
          };
          machine.apply(command, stamp, { awaited: true, reply, emit: (event) => out.emit(event) });
        },
        query: (request) => machine.query(request),
        snapshot: () => machine.snapshot(),
        restore: () => machine.restore(),
      };
    },
  }),
  seeds: [1, 2, 3],
  seconds: 10,
  change: (plan) => steady(plan),
};
