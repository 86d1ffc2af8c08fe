import { decorateSend } from './decorate.ts';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

const every = 500;

/** A `fifo` link that goes on after it lost a frame: nobody is told, and nobody sends again. */
export const lostFrame: Plant = {
  name: 'lost-frame',
  text: 'a link loses a frame without ending',
  plants: () => {
    let frames = 0;
    return {
      transport: (transport) =>
        decorateSend(transport, (link, lane, chunks) => {
          frames += 1;
          return frames % every === 0 || transport.send(link, lane, chunks);
        }),
    };
  },
  seeds: [1, 2, 3],
  seconds: 5,
  change: (plan) => steady(plan),
};
