import { fileURLToPath } from 'node:url';
import { runGolden, runTrace, type KindFactory } from '@quorate/datadriven';
import { expect, test } from 'vitest';
import { zab, type ZabMessage } from '../src/index.ts';

const kinds: KindFactory<ZabMessage> = (options) =>
  zab({
    electionTimeoutMs: options.number('election', 1000),
    heartbeatMs: options.number('heartbeat', 100),
    finalizeWaitMs: options.number('finalize', 200),
    counterLimit: options.number('counter-limit', 2 ** 32 - 1),
  });

// One story per file. Each core has files of the same names, to be read side by side.
runGolden({ folder: fileURLToPath(new URL('golden', import.meta.url)), kinds });

test('the highest number wins a fresh start with equal histories, whatever the seed (G9, O14)', () => {
  const winners = Array.from({ length: 20 }, (_, seed) => {
    const story = `add-nodes 3 sync=auto seed=${seed} silent\nadvance 4000 stabilize silent\nstatus\n`;
    return /^(\d): leader in \d+, ready, settled/m.exec(runTrace(`seed ${seed}`, story, kinds))?.[1];
  });
  expect(new Set(winners)).toEqual(new Set(['3']));
});
