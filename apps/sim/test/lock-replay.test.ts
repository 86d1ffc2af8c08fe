import { lockCommandCodec } from '@quorate/codec-protobuf/lock';
import type { LockReply } from '@quorate/codec-protobuf/lock';
import { lockCommands, lockStateMachine, decodeLockReply } from '@quorate/lock/state-machine';
import type { AcquireFields, AcquireMode } from '@quorate/lock/state-machine';
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FencedResource } from '../src/lock/fenced-resource.ts';
import { FinishedRequests } from '../src/lock/finished-requests.ts';
import { answerOf } from '../src/lock/lane-calls.ts';
import { LockReplay } from '../src/lock/lock-replay.ts';

const nothing = {
  sessionOpened: () => undefined,
  renewed: () => undefined,
  sessionEnded: () => undefined,
  died: () => undefined,
  delayEnded: () => undefined,
  granted: () => undefined,
  cancelled: () => undefined,
  forced: () => undefined,
  entered: () => undefined,
  repeated: () => undefined,
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
    what: constantFrom('acquire', 'acquire', 'try', 'again', 'cancel', 'leave', 'release', 'expire', 'close', 'force', 'renew'),
    who: integer({ min: 0, max: 3 }),
    lock: constantFrom('a', 'b', 'permits', 'election'),
    mode: constantFrom<AcquireMode[]>('exclusive', 'shared', 'shared'),
    delayMs: constantFrom(0, 0, 100),
    nth: integer({ min: 0, max: 5 }),
  });

  test('says of every request what the machine says, whatever the order of commands', () => {
    const seen = new Set<string>();
    assert(
      property(array(step, { minLength: 1, maxLength: 80, size: 'max' }), (steps) => {
        const { replay, run } = both();
        const sessions = [0, 1, 2, 3].map(() => {
          const opened = run(lockCommands.openSession(1000));
          return opened.kind === 'session-opened' ? opened.session : 0;
        });
        const asked: (AcquireFields & { token: number })[] = [];
        const expectSame = (session: number, request: number, reply: LockReply): void => {
          const told = replay.answersTo(session, request).at(-1);
          expect(told).toEqual(answerOf(reply));
          if (told !== undefined) seen.add(told.reply);
        };
        for (const { what, who, lock, mode, delayMs, nth } of steps) {
          const session = sessions[who] ?? 0;
          const mine = asked.filter((claim) => claim.session === session).at(-1 - nth);
          if (what === 'acquire' || what === 'try') {
            const how: AcquireMode = lock === 'permits' ? 'permit' : lock === 'election' ? 'campaign' : mode;
            const claim = { session, lock, request: asked.length + 1, mode: how, delayMs, wait: what === 'acquire', token: 0 };
            const fields = how === 'permit' ? { ...claim, permits: 2 } : claim;
            asked.push(fields);
            expectSame(session, claim.request, run(lockCommands.acquire(fields)));
          } else if (what === 'again' && mine !== undefined) expectSame(session, mine.request, run(lockCommands.acquire(mine)));
          else if (what === 'cancel' && mine !== undefined)
            expectSame(session, mine.request, run(lockCommands.cancel(session, mine.lock, mine.request)));
          else if ((what === 'leave' || what === 'release') && mine !== undefined) {
            const token = replay.tokenOf(session, mine.request) || 1;
            const request = what === 'leave' ? mine.request : 0;
            expectSame(session, request, run(lockCommands.release({ session, lock: mine.lock, token, request })));
          } else if (what === 'close') run(lockCommands.closeSession(session));
          else if (what === 'renew') run(lockCommands.keepAlive([session]));
          else if (what === 'expire') run(lockCommandCodec.encode({ kind: 'expire-session', session, renewal: session }));
          else if (what === 'force') run(lockCommands.forceRelease({ lock, noDelay: true, by: 'x', reason: 'y' }));
          for (const name of ['a', 'b', 'permits', 'election']) {
            for (const { token, session: holder } of replay.holdersOf(name))
              expect(run(lockCommands.check(name, token))).toMatchObject({ kind: 'checked', valid: true, session: holder });
          }
        }
      }),
      { numRuns: 400 },
    );
    expect([...seen].sort()).toEqual(['cancelled', 'granted', 'held', 'queued', 'refused', 'released']);
  });

  test('a session remembers the end of so many requests, and of older ones their highest number', () => {
    const finished = new FinishedRequests();
    for (let request = 10; request < 42; request++) finished.finish([request], request % 2 === 0);
    expect([finished.isOver(9), finished.isOver(10), finished.wasReleased(10)]).toEqual([false, true, true]);
    finished.finish([50], true);
    expect([finished.isOver(9), finished.isOver(10), finished.wasReleased(10), finished.isOver(42)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('a resource', () => {
  const write = (client: string, token: number, held = true): Parameters<FencedResource['access']>[0] => ({
    client,
    token,
    shared: false,
    held,
  });
  const read = (client: string, token: number, held = true): Parameters<FencedResource['access']>[0] => ({
    client,
    token,
    shared: true,
    held,
  });
  const after = (...accesses: readonly Parameters<FencedResource['access']>[0][]): FencedResource => {
    const resource = new FencedResource();
    for (const access of accesses) resource.access(access);
    return resource;
  };

  test('refuses a lower token, and says where a holder was refused', () => {
    const resource = after(write('a', 5), write('b', 7), write('a', 5, false));
    expect(resource.deliveries.map(({ accepted }) => accepted)).toEqual([true, true, false]);
    expect(resource.problems()).toEqual([]);
    resource.access(write('c', 6));
    expect(resource.problems()).toEqual(['the holder c was refused: its token 6 is below one that was seen before']);
  });

  test('takes readers in any order, and refuses those from before a writer', () => {
    const resource = after(read('b', 2), read('a', 1), write('c', 3), read('b', 2, false));
    expect(resource.deliveries.map(({ accepted }) => accepted)).toEqual([true, true, true, false]);
    expect(resource.problems()).toEqual([]);
  });

  test('a writer is alone from its first access to its last', () => {
    expect(after(write('a', 1), read('b', 2), read('b', 2)).problems()).toEqual([]);
    expect(after(read('b', 2), write('a', 3), read('b', 2)).problems()).toContain(
      'sections of b and a interleave, and one of them is to be alone',
    );
  });

  test('no more hold a semaphore at a time than it has permits', () => {
    const semaphore = new FencedResource(2);
    for (const token of [1, 2, 3, 1, 2]) semaphore.access(read(`c${token}`, token));
    expect(semaphore.problems()).toEqual(['3 hold at a time what has 2 permits']);
  });
});
