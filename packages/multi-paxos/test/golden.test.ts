import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runGolden, runTrace, type KindFactory } from '@quorate/datadriven';
import { expect, test } from 'vitest';
import { multiPaxos, type MultiPaxosMessage } from '../src/index.ts';

const kinds: KindFactory<MultiPaxosMessage> = (options) =>
  multiPaxos({
    electionTimeoutMs: options.number('election', 1000),
    heartbeatMs: options.number('heartbeat', 100),
    damping: options.choice('damping', ['on', 'off'], 'on') === 'on',
    commitNotice: options.choice('notice', ['eager', 'piggyback'], 'eager'),
    q1Size: options.number('q1', 0),
    q2Size: options.number('q2', 0),
  });

// One story per file. Each core has files of the same names, to be read side by side.
const folder = fileURLToPath(new URL('golden', import.meta.url));
runGolden({ folder, kinds });

test('the winner of a fresh start with equal logs is left to chance (G9)', () => {
  const winners = Array.from({ length: 20 }, (_, seed) => {
    const story = `add-nodes 3 sync=auto seed=${seed} silent\nadvance 4000 stabilize silent\nstatus\n`;
    return /^(\d): leader in [\d.]+, ready, settled/m.exec(runTrace(`seed ${seed}`, story, kinds))?.[1];
  });
  expect(new Set(winners)).toEqual(new Set(['1', '2', '3']));
});

test('a delta is applied whose predecessor is not (G11): there is no primary order', () => {
  const story = readFileSync(`${folder}/g11-delta-mode.txt`, 'utf8');
  const applied = [...story.matchAll(/^3: (.+)$/gm)].at(-1)?.[1] ?? '';
  const deltas = [...applied.matchAll(/x:(\d)->(\d)/g)].map(([, before, after]) => ({ before, after }));
  expect(deltas.length).toBeGreaterThan(2);
  expect(deltas.some(({ before }, place) => place > 0 && before !== deltas[place - 1]?.after)).toBe(true);
});
