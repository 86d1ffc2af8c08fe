import { fileURLToPath } from 'node:url';
import { runGolden, runTrace, type KindFactory } from '@quorate/datadriven';
import { expect, test } from 'vitest';
import { raft, type RaftMessage } from '../src/index.ts';

const kinds: KindFactory<RaftMessage> = (options) =>
  raft({
    electionTimeoutMs: options.number('election', 1000),
    heartbeatMs: options.number('heartbeat', 100),
    preVote: options.choice('pre-vote', ['on', 'off'], 'on') === 'on',
    checkQuorum: options.choice('check-quorum', ['on', 'off'], 'on') === 'on',
    voteStickiness: options.choice('stickiness', ['on', 'off'], 'on') === 'on',
    commitNotice: options.choice('notice', ['eager', 'piggyback'], 'eager'),
  });

// One story per file. Each core has files of the same names, to be read side by side.
runGolden({ folder: fileURLToPath(new URL('golden', import.meta.url)), kinds });

test('the winner of a fresh start with equal logs is left to chance (G9)', () => {
  const winners = Array.from({ length: 20 }, (_, seed) => {
    const story = `add-nodes 3 sync=auto seed=${seed} silent\nadvance 4000 stabilize silent\nstatus\n`;
    return /^(\d): leader in \d+, ready, settled/m.exec(runTrace(`seed ${seed}`, story, kinds))?.[1];
  });
  expect(new Set(winners)).toEqual(new Set(['1', '2', '3']));
});
