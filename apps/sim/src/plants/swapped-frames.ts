import type { Lane, LinkId } from '@quorate/interface';
import { decorateSend } from './decorate.ts';
import type { Plant } from './plant.ts';
import { steady } from './steady.ts';

const every = 200;

interface Held {
  readonly link: LinkId;
  readonly lane: Lane;
  readonly chunks: readonly Uint8Array[];
}

/** A `fifo` link on which a frame of the log lane is overtaken by the next one. */
export const swappedFrames: Plant = {
  name: 'swapped-frames',
  text: 'a link delivers two frames of a lane in the wrong order',
  plants: () => {
    let frames = 0;
    return {
      transport: (transport) => {
        let held: Held | undefined;
        return decorateSend(transport, (link, lane, chunks) => {
          frames += 1;
          if (held === undefined && lane === 'log' && frames % every === 0) {
            held = { link, lane, chunks };
            return true;
          }
          const sent = transport.send(link, lane, chunks);
          if (held === undefined || held.link !== link || held.lane !== lane) return sent;
          const late = held;
          held = undefined;
          return transport.send(link, lane, late.chunks) && sent;
        });
      },
    };
  },
  seeds: [1, 2, 3],
  seconds: 5,
  change: (plan) => steady(plan),
};
