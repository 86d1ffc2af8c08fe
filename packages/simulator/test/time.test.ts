import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { createChance } from '../src/chance.ts';
import { MemberClock } from '../src/member-clock.ts';
import { SimProcess } from '../src/process.ts';
import type { LoopShape } from '../src/process.ts';
import { VirtualTime } from '../src/scheduler.ts';

function processOn(time: VirtualTime, shape: Partial<LoopShape> = {}, clock = new MemberClock(0, 0, 0)): SimProcess {
  return new SimProcess({
    scheduler: time,
    chance: createChance(1),
    ordinal: 1,
    clock,
    shape: { inputsPerTurn: 1, turnMs: 0, lookMs: 0, ...shape },
    crc32: (bytes, seed) => crc32(bytes, seed),
    crashed: (error) => {
      throw error;
    },
  });
}

test('a draw depends on its arguments alone, and neighbours look unrelated', () => {
  const one = createChance(42);
  const other = createChance(42);
  for (let count = 0; count < 100; count++) one.draw(7, count);
  expect(other.draw(1, 2, 3, 4)).toBe(one.draw(1, 2, 3, 4));
  expect(createChance(43).draw(1, 2, 3, 4)).not.toBe(one.draw(1, 2, 3, 4));
  const draws = Array.from({ length: 4000 }, (_, ordinal) => one.draw(5, 9, ordinal));
  expect(draws.reduce((sum, draw) => sum + draw, 0) / 4000).toBeCloseTo(0.5, 1);
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  const rises = draws.filter((draw, place) => place > 0 && draw > (draws[place - 1] ?? 0)).length;
  expect(rises).toBeGreaterThan(1800);
  expect(rises).toBeLessThan(2200);
});

test('seeds up to 2⁵³ − 1 differ in all their bits', () => {
  const high = 2 ** 52;
  expect(createChance(high).draw(1, 1)).not.toBe(createChance(0).draw(1, 1));
  expect(createChance(Number.MAX_SAFE_INTEGER).draw(1, 1)).not.toBe(createChance(Number.MAX_SAFE_INTEGER - 1).draw(1, 1));
});

test('events run in the order of their times, and of one time in the order they were asked for', () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  for (const [atMs, name] of [
    [5, 'c'],
    [1, 'a'],
    [5, 'd'],
    [3, 'b'],
  ] as const) {
    time.at(atMs, () => seen.push(`${name}${time.nowMs}`));
  }
  time.at(4, () => seen.push('never')).cancel();
  time.runUntil(10);
  expect(seen).toEqual(['a1', 'b3', 'c5', 'd5']);
  expect(time.nowMs).toBe(10);
  expect(time.events).toBe(4);
});

test('what is asked for in the past runs now, behind what is there', () => {
  const time = new VirtualTime();
  const seen: number[] = [];
  time.at(5, () => {
    time.at(1, () => seen.push(time.nowMs));
  });
  time.runUntil(10);
  expect(seen).toEqual([5]);
});

test('a clock with a rate and jumps shows the right time, and knows when it will show another', () => {
  const clock = new MemberClock(100, 1000, 0);
  expect(clock.monotonicMs(150)).toBe(1050);
  clock.setRate(150, 2);
  expect(clock.monotonicMs(160)).toBe(1070);
  expect(clock.worldMs(1090)).toBe(170);
  clock.jump(160, 500);
  expect(clock.monotonicMs(160)).toBe(1570);
  clock.setWall(160, -1000, 1);
  expect(clock.wallMs(160)).toBe(-940);
});

test('ends of turns run after the inputs of the turn, and what they ask for in another turn', () => {
  const time = new VirtualTime();
  const process = processOn(time, { inputsPerTurn: 10, turnMs: 1 });
  const seen: string[] = [];
  process.input(() => {
    seen.push('one');
    process.host.endOfTurn(() => {
      seen.push('end');
      process.host.endOfTurn(() => seen.push(`later ${time.nowMs}`));
    });
  });
  expect(seen).toEqual(['one', 'end']);
  time.runUntil(5);
  expect(seen).toEqual(['one', 'end', 'later 1']);
});

test('inputs that gather while a process is busy share a turn, as many as its shape allows', () => {
  const time = new VirtualTime();
  const turns: number[][] = [];
  const process = processOn(time, { inputsPerTurn: 2, turnMs: 10 });
  let current: number[] = [];
  const arrive = (number: number): void =>
    process.input(() => {
      if (current.length === 0) process.host.endOfTurn(() => turns.push(current.splice(0)));
      current.push(number);
    });
  for (const number of [1, 2, 3, 4]) time.at(number, () => arrive(number));
  time.runUntil(100);
  expect(turns).toEqual([[1], [2, 3], [4]]);
});

test('a timer never fires early, is late after a pause, and the inputs that waited come first', () => {
  const time = new VirtualTime();
  const process = processOn(time, { inputsPerTurn: 1 });
  const seen: string[] = [];
  process.input(() => process.host.at(20, () => seen.push(`timer ${process.host.monotonicMs()}`)));
  process.hold(50);
  time.at(10, () => process.input(() => seen.push('input')));
  time.runUntil(100);
  expect(seen).toEqual(['input', 'timer 50']);
});

test('a clock that changes its rate moves the timers of its process', () => {
  const time = new VirtualTime();
  const clock = new MemberClock(0, 0, 0);
  const process = processOn(time, {}, clock);
  const fired: number[] = [];
  process.input(() => process.host.at(100, () => fired.push(time.nowMs)));
  time.at(50, () => {
    clock.setRate(50, 5);
    process.clockChanged();
  });
  time.runUntil(1000);
  expect(fired).toEqual([60]);
});

test('nothing of a killed process runs any more', () => {
  const time = new VirtualTime();
  const process = processOn(time, { inputsPerTurn: 1, turnMs: 5 });
  const seen: string[] = [];
  process.input(() => {
    process.host.at(3, () => seen.push('timer'));
    process.host.endOfTurn(() => seen.push('end'));
    process.kill();
  });
  process.input(() => seen.push('input'));
  time.runUntil(100);
  expect(seen).toEqual([]);
});

test('looks at the clock take time where the shape says so', () => {
  const time = new VirtualTime();
  const process = processOn(time, { lookMs: 2 });
  const looks: number[] = [];
  process.input(() => looks.push(process.host.monotonicMs(), process.host.monotonicMs(), process.host.monotonicMs()));
  process.input(() => looks.push(process.host.monotonicMs()));
  time.runUntil(100);
  expect(looks).toEqual([0, 2, 4, 6]);
});
