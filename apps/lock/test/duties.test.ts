import { lockCommandCodec, type LockCommand } from '@quorate/codec-protobuf/lock';
import type { Tenure } from '@quorate/interface';
import { describe, expect, test } from 'vitest';
import { lockCommands } from '../src/machine/index.ts';
import { LockDriver } from './fixtures/lock-driver.ts';

/** A leader's clock by hand. */
class Desk implements Tenure {
  readonly number = 1;
  nowMs = 1_000;
  readonly proposed: LockCommand[] = [];
  private timers: { atMs: number; run: () => void }[] = [];

  readonly now = (): number => this.nowMs;

  propose(command: Uint8Array): void {
    const decoded = lockCommandCodec.decode(command);
    if (decoded === undefined) throw new Error('a duty proposed what is no command');
    this.proposed.push(decoded);
  }

  at(atMs: number, run: () => void): { cancel(): void } {
    const timer = { atMs, run };
    this.timers.push(timer);
    return { cancel: () => void (this.timers = this.timers.filter((one) => one !== timer)) };
  }

  get armed(): number {
    return this.timers.length;
  }

  /** Timers fire as time passes, each at its time, or all at the end where this process stands still until then. */
  pass(ms: number, how: 'running' | 'stalled' = 'running'): void {
    const endMs = this.nowMs + ms;
    if (how === 'stalled') this.nowMs = endMs;
    for (;;) {
      const due = this.timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.timers = this.timers.filter((one) => one !== due);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.run();
    }
    this.nowMs = endMs;
  }

  take(): LockCommand[] {
    return this.proposed.splice(0);
  }
}

function began(driver = new LockDriver()): { driver: LockDriver; desk: Desk } {
  const desk = new Desk();
  driver.machine.duties(desk);
  return { driver, desk };
}

describe('the leader’s clock', () => {
  test('proposes the end of a session that was silent for its time, once it was, and not before', () => {
    const { driver, desk } = began();
    const a = driver.open(5_000);
    desk.pass(4_999);
    expect(desk.take()).toEqual([]);
    desk.pass(1);
    expect(desk.take()).toEqual([{ kind: 'expire-session', session: a, renewal: a }]);
  });

  test('counts from the last renewal that was applied', () => {
    const { driver, desk } = began();
    const [a, b] = [driver.open(5_000), driver.open(5_000)];
    desk.pass(3_000);
    const { ordinal } = driver.run(lockCommands.keepAlive([a]));
    desk.pass(4_000);
    expect(desk.take()).toMatchObject([{ session: b }, { session: b }, { session: b }]);
    desk.pass(1_000);
    expect(desk.take().filter((command) => 'session' in command && command.session === a)).toEqual([
      { kind: 'expire-session', session: a, renewal: ordinal },
    ]);
  });

  test('asks again after a while where its proposal was lost, and no more once it was applied', () => {
    const { driver, desk } = began();
    const a = driver.open(1_000);
    desk.pass(1_000);
    expect(desk.take()).toHaveLength(1);
    desk.pass(999);
    expect(desk.take()).toEqual([]);
    desk.pass(1);
    const [again] = desk.take();
    if (again === undefined) throw new Error('it did not ask again');
    driver.run(again);
    desk.pass(60_000);
    expect(desk.take()).toEqual([]);
    expect(desk.armed).toBe(0);
    expect(again).toEqual({ kind: 'expire-session', session: a, renewal: a });
  });

  test('gives a session its full time again that was renewed in front of its end', () => {
    const { driver, desk } = began();
    const a = driver.open(5_000);
    desk.pass(5_000);
    const [late] = desk.take();
    if (late === undefined) throw new Error('nothing was proposed');
    driver.run(lockCommands.keepAlive([a]));
    driver.run(late);
    desk.pass(4_999);
    expect(desk.take()).toEqual([]);
    desk.pass(1);
    expect(desk.take()).toHaveLength(1);
  });

  test('gives everybody the full time again at the beginning of a tenure', () => {
    const { driver, desk } = began();
    driver.open(5_000);
    desk.pass(4_000);
    driver.machine.duties(undefined);
    const next = began(driver);
    next.desk.pass(4_999);
    expect(next.desk.take()).toEqual([]);
    next.desk.pass(1);
    expect(next.desk.take()).toHaveLength(1);
    expect(desk.take()).toEqual([]);
  });

  test('stops at once with its tenure', () => {
    const { driver, desk } = began();
    driver.open(5_000);
    driver.machine.duties(undefined);
    expect(desk.armed).toBe(0);
    driver.open(5_000);
    desk.pass(60_000);
    expect(desk.take()).toEqual([]);
  });

  test('holds it against nobody that it stood still itself', () => {
    const { driver, desk } = began();
    driver.open(5_000);
    desk.pass(4_900);
    desk.pass(30_000, 'stalled');
    expect(desk.take()).toEqual([]);
    desk.pass(90);
    expect(desk.take()).toEqual([]);
    desk.pass(120);
    expect(desk.take()).toHaveLength(1);
  });

  test('ends sessions also where this process stands still again and again', () => {
    const { driver, desk } = began();
    driver.open(5_000);
    let looks = 0;
    for (; desk.take().length === 0 && looks < 20; looks++) desk.pass(5_200, 'stalled');
    expect(looks).toBe(4);
  });

  test('ends the delay of a dead holder after its time, which begins with its death here or with the tenure', () => {
    const { driver, desk } = began();
    const [a, b] = [driver.open(), driver.open()];
    const token = driver.hold(a, 'x', { delayMs: 3_000 });
    driver.acquire(b, 'x');
    desk.pass(2_000);
    driver.expire(a);
    desk.pass(2_999);
    expect(desk.take()).toEqual([]);
    const next = began(driver.restored());
    next.desk.pass(2_999);
    expect(next.desk.take()).toEqual([]);
    next.desk.pass(1);
    const [end] = next.desk.take();
    expect(end).toEqual({ kind: 'end-delay', lock: 'x', token });
    if (end !== undefined) expect(next.driver.run(end).events.at(-1)).toMatchObject({ type: 'granted', session: b });
    next.desk.pass(2_000);
    expect(next.desk.take()).toEqual([]);
  });

  test('ends many sessions in batches', () => {
    const { driver, desk } = began();
    for (let i = 0; i < 1_500; i++) driver.open(5_000);
    desk.pass(5_000);
    expect(desk.take()).toHaveLength(512);
    desk.pass(20);
    expect(desk.take()).toHaveLength(1_500 - 512);
  });

  test('goes on with the state that a snapshot brought', () => {
    const source = new LockDriver();
    const a = source.open(2_000);
    const { driver, desk } = began();
    driver.open(9_000);
    const sink = driver.machine.restore();
    sink.write(source.snapshot());
    sink.finish();
    desk.pass(2_000);
    expect(desk.take()).toEqual([{ kind: 'expire-session', session: a, renewal: a }]);
  });
});
