import type { LockCommand } from '@quorate/codec-protobuf/lock';
import { assert, array, constantFrom, integer, record, property, type Arbitrary, oneof, boolean } from 'fast-check';
import { expect, test } from 'vitest';
import { lockQueries } from '../src/machine/index.ts';
import { LockDriver } from './fixtures/lock-driver.ts';
import { NaiveLocks } from './fixtures/naive-locks.ts';

const noBytes = new Uint8Array(0);
const names = ['a', 'b', 'semaphore', 'election'] as const;

/** A command before it is known which sessions and tokens there are: numbers choose among them. */
interface Draft {
  readonly what: 'open' | 'renew' | 'close' | 'expire' | 'acquire' | 'cancel' | 'release' | 'force' | 'end-delay' | 'restore';
  readonly session: number;
  readonly lock: (typeof names)[number];
  readonly request: number;
  readonly token: number;
  readonly mode: number;
  readonly flag: boolean;
  readonly delayMs: number;
}

const often: readonly Draft['what'][] = ['acquire', 'acquire', 'acquire', 'acquire', 'release', 'release', 'release'];
const seldom: readonly Draft['what'][] = ['open', 'open', 'renew', 'close', 'expire', 'cancel', 'force', 'end-delay', 'restore'];

const drafts: Arbitrary<Draft[]> = array(
  record({
    what: oneof(constantFrom(...often), constantFrom(...seldom)),
    session: integer({ min: 0, max: 5 }),
    lock: constantFrom(...names),
    request: integer({ min: 1, max: 6 }),
    token: integer({ min: 0, max: 5 }),
    mode: integer({ min: 0, max: 1 }),
    flag: boolean(),
    delayMs: constantFrom(0, 0, 50),
  }),
  { minLength: 1, maxLength: 120, size: 'max' },
);

function commandOf(draft: Draft, model: NaiveLocks): LockCommand {
  const sessions = [...model.sessions.keys(), 9_999];
  const session = sessions[draft.session % sessions.length] ?? 0;
  const { lock, request, delayMs } = draft;
  const held = model.claims.filter((one) => one.lock === lock && one.token > 0);
  const pick = held[draft.token % Math.max(held.length, 1)];
  const own = held.find((one) => one.session === session && one.request === request) ?? pick;
  switch (draft.what) {
    case 'open':
    case 'restore':
      return { kind: 'open-session', ttlMs: 1_000, name: '', metadata: noBytes };
    case 'renew':
      return { kind: 'keep-alive', sessions: [session, 9_999] };
    case 'close':
      return { kind: 'close-session', session };
    case 'expire':
      return { kind: 'expire-session', session, renewal: (model.sessions.get(session) ?? 0) + (draft.token === 0 ? 1 : 0) };
    case 'acquire': {
      const mode = lock === 'semaphore' ? 2 : lock === 'election' ? 3 : draft.mode;
      const permits = lock === 'semaphore' ? 2 + (draft.token === 5 ? 1 : 0) : 0;
      const odd = draft.token === 4 && draft.session === 4;
      return {
        kind: 'acquire',
        session,
        lock,
        request,
        mode: odd ? 0 : mode,
        permits: odd ? 0 : permits,
        wait: draft.flag || draft.token < 3,
        delayMs,
        metadata: noBytes,
      };
    }
    case 'cancel':
      return { kind: 'cancel', session, lock, request };
    case 'release':
      // Mostly what is held, by whoever holds it; else anything.
      return draft.flag && own !== undefined
        ? { kind: 'release', session: own.session, lock, token: own.token, request: draft.token < 3 ? own.request : 0 }
        : { kind: 'release', session, lock, token: own?.token ?? 1, request: draft.token < 3 ? request : 0 };
    case 'force':
      return {
        kind: 'force-release',
        lock,
        token: draft.token < 2 ? 0 : (pick?.token ?? 7),
        noDelay: draft.flag,
        by: '',
        reason: '',
      };
    default:
      return { kind: 'end-delay', lock, token: model.claims.find((one) => one.dead && one.lock === lock)?.token ?? 3 };
  }
}

test('does what the rules say, told a second time in the simplest way, over restores too', () => {
  const seen = new Set<string>();
  assert(
    property(drafts, (script) => {
      let driver = new LockDriver();
      const model = new NaiveLocks();
      let newest = 0;
      for (const draft of script) {
        const command = commandOf(draft, model);
        if (draft.what === 'restore') driver = driver.restored();
        const expected = model.run(command);
        const { reply, events } = driver.run(command);
        seen.add(`${command.kind} ${reply.kind === 'refused' ? reply.code : reply.kind}`);
        expect(reply).toEqual(expected.reply);
        const granted = events.flatMap((event) =>
          event.type === 'granted' ? [`${event.session} #${event.request} ${event.token}`] : [],
        );
        expect(granted).toEqual(expected.granted);
        for (const event of events) {
          if (event.type !== 'granted') continue;
          expect(event.token).toBeGreaterThan(newest);
          newest = event.token;
        }
      }
      const names = [...new Set(model.claims.map(({ lock }) => lock))].sort();
      const list = driver.query(lockQueries.list());
      expect(list.kind === 'list' ? list.locks.map(({ name }) => name) : []).toEqual(names);
    }),
    { numRuns: 150 },
  );
  // What no script came to is not tested.
  for (const kind of ['granted', 'queued', '14', '15', '16', '17', '18', '19'])
    expect(
      [...seen].some((one) => one.startsWith('acquire') && one.endsWith(` ${kind}`)),
      `acquire answered ${kind}`,
    ).toBe(true);
});
