import { lockCommandCodec } from '@quorate/codec-protobuf/lock';
import { lockCommands, lockStateMachine, decodeLockReply } from '@quorate/lock/state-machine';
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FencedResource } from '../src/lock/fenced-resource.ts';
import { LockReplay } from '../src/lock/lock-replay.ts';
import { Patience } from '../src/lock/patience.ts';
import { planOf } from '../src/run-seed.ts';
import { protocolNamed } from '../src/protocols.ts';

const nothing = {
  sessionOpened: () => undefined,
  renewed: () => undefined,
  sessionEnded: () => undefined,
  died: () => undefined,
  delayEnded: () => undefined,
  granted: () => undefined,
  cancelled: () => undefined,
  forced: () => undefined,
};

/** Feeds the machine and the replay the same log; gives the machine's answers. */
function both(): { readonly replay: LockReplay; readonly run: (command: Uint8Array) => ReturnType<typeof decodeLockReply> } {
  const machine = lockStateMachine();
  const replay = new LockReplay(nothing);
  let ordinal = 0;
  const run = (command: Uint8Array): ReturnType<typeof decodeLockReply> => {
    ordinal += 1;
    const stamp = { index: ordinal, ordinal, clusterMs: ordinal, wallMs: 0 };
    let answer: Uint8Array | undefined;
    machine.apply(command, stamp, { awaited: true, reply: (bytes) => void (answer = bytes), emit: () => undefined });
    replay.delivered(command, stamp);
    return decodeLockReply(answer ?? new Uint8Array(0));
  };
  return { replay, run };
}

describe('the replay of the delivered log', () => {
  const step = record({
    what: constantFrom('acquire', 'try', 'cancel', 'release', 'expire', 'close', 'force', 'renew'),
    who: integer({ min: 0, max: 3 }),
    lock: constantFrom('a', 'b'),
    delayMs: constantFrom(0, 100),
  });

  test('says of every request what the machine says, whatever the order of commands', () => {
    assert(
      property(array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const { replay, run } = both();
        const sessions = [0, 1, 2, 3].map(() => {
          const opened = run(lockCommands.openSession(1000));
          return opened.kind === 'session-opened' ? opened.session : 0;
        });
        const claims: { readonly session: number; readonly lock: string; readonly request: number; token: number }[] = [];
        for (const { what, who, lock, delayMs } of steps) {
          const session = sessions[who] ?? 0;
          const mine = claims.findLast((claim) => claim.session === session);
          if (what === 'acquire' || what === 'try') {
            // As the workload does: a session has to do with one lock at a time.
            if (mine !== undefined) continue;
            const request = claims.length + 1;
            const reply = run(lockCommands.acquire({ session, lock, request, delayMs, wait: what === 'acquire' }));
            const told = replay.acquireOf(session, request);
            if (reply.kind === 'granted') {
              expect(told).toEqual({ reply: 'granted', token: reply.token });
              claims.push({ session, lock, request, token: reply.token });
            } else if (reply.kind === 'queued') {
              expect(told).toEqual({ reply: 'queued', token: 0 });
              claims.push({ session, lock, request, token: 0 });
            } else expect(told?.token).toBe(0);
          } else if (what === 'cancel' && mine !== undefined) run(lockCommands.cancel(session, mine.lock, mine.request));
          else if (what === 'release' && mine !== undefined) run(lockCommands.release({ ...mine, token: tokenOf(replay, mine) }));
          else if (what === 'close') run(lockCommands.closeSession(session));
          else if (what === 'renew') run(lockCommands.keepAlive([session]));
          else if (what === 'expire') run(lockCommandCodec.encode({ kind: 'expire-session', session, renewal: session }));
          else if (what === 'force') run(lockCommands.forceRelease({ lock, noDelay: true, by: 'x', reason: 'y' }));
          for (const claim of claims) {
            const hold = replay.holdOf(claim.lock);
            if (hold === undefined || hold.request !== claim.request || hold.session !== claim.session) continue;
            const checked = run(lockCommands.check(claim.lock, hold.token));
            expect(checked).toMatchObject({ kind: 'checked', valid: !hold.dead });
          }
        }
      }),
    );
  });

  function tokenOf(replay: LockReplay, claim: { readonly session: number; readonly request: number }): number {
    return replay.acquireOf(claim.session, claim.request)?.token || 1;
  }
});

test('a resource refuses a lower token, and says where a holder was refused', () => {
  const resource = new FencedResource();
  resource.write('a', 5, true);
  resource.write('b', 7, true);
  resource.write('a', 5, false);
  expect(resource.deliveries.map(({ accepted }) => accepted)).toEqual([true, true, false]);
  expect(resource.problems()).toEqual([]);
  resource.write('c', 6, true);
  expect(resource.problems()).toEqual(['the holder c was refused: its token 6 is below one that was seen before']);
});

describe('patience', () => {
  const raft = protocolNamed('raft');
  if (raft === undefined) throw new Error('raft is a protocol');
  const calm = { ...planOf(raft, 1, 5), actions: [] };

  test('no session ends before its time, counted from its last renewal', () => {
    let nowMs = 0;
    const patience = new Patience(calm, () => nowMs);
    patience.opened(1, 1000);
    nowMs = 900;
    patience.renewed(1);
    nowMs = 1500;
    patience.expired(1);
    expect(patience.problems).toEqual(['session 1 ended after 600.0 ms, and had 1000 ms']);
  });

  test('it is not asked where clocks run otherwise', () => {
    const actions = [{ kind: 'clock-rate', atMs: 1, member: 1, peer: 1, forMs: 1, amount: 2 }] as const;
    const patience = new Patience({ ...calm, actions }, () => 0);
    patience.opened(1, 1000);
    patience.expired(1);
    expect(patience.problems).toEqual([]);
  });
});
