import { expectEqual, expectThat } from '../expectation.ts';
import { MachineDriver, readAll, take } from './machine-driver.ts';
import type { StateMachineCase } from './state-machine-case.ts';
import type { StateMachineSubject } from './state-machine-subject.ts';

/** Snapshots and restores. */
export const snapshotCases: readonly StateMachineCase[] = [
  { name: 'has one sequence of snapshot bytes, whatever the size of the chunks', needs: [], check: chunks },
  { name: 'is the same after a restore, at any point, and goes on alike', needs: [], check: restores },
  { name: 'restores from chunks of any size', needs: [], check: restoresAnyChunks },
  { name: 'reads a snapshot of one moment while writes go on', needs: [], check: readsOneMoment },
  { name: 'reads two snapshots of different moments at once', needs: [], check: readsTwoMoments },
  { name: 'lets a snapshot be given up, and closed twice', needs: [], check: givesUp },
  { name: 'replaces everything by a restore, however full it was', needs: [], check: replaces },
  { name: 'changes nothing before a restore is finished', needs: [], check: waitsForFinish },
  { name: 'refuses a snapshot that is cut off or goes on, and stays as it was', needs: [], check: refusesDamage },
];

/** Points of the command list: its beginning, some within, its end. */
function pointsOf({ commands }: StateMachineSubject): number[] {
  const { length } = commands;
  return [0, 1, length >> 2, length >> 1, length - 1, length];
}

function at(subject: StateMachineSubject, point: number): MachineDriver {
  const driver = new MachineDriver(subject);
  driver.applyAll(subject.commands.slice(0, point));
  return driver;
}

function chunks(subject: StateMachineSubject): void {
  for (const point of pointsOf(subject)) {
    const driver = at(subject, point);
    const whole = driver.snapshot(1 << 20);
    expectThat(whole.length > 0, 'even an empty state has bytes: the version of its format');
    for (const size of [1, 7, 100, 4_096])
      expectEqual(driver.snapshot(size), whole, `chunks of ${size} bytes are the same bytes`);
  }
}

function restores(subject: StateMachineSubject): void {
  for (const point of pointsOf(subject)) {
    const original = at(subject, point);
    const copy = new MachineDriver(subject);
    copy.restore(original.snapshot(), 1_000, original);
    expectEqual(copy.state(), original.state(), `the state after ${point} commands is the same after a restore`);
    for (const [i, command] of subject.commands.slice(point).entries())
      expectEqual(copy.apply(command), original.apply(command), `command ${point + i} does the same after a restore`);
    expectEqual(copy.state(), original.state(), 'the states at the end are equal');
  }
}

function restoresAnyChunks(subject: StateMachineSubject): void {
  const original = at(subject, subject.commands.length);
  const bytes = original.snapshot();
  for (const size of [1, 2, 13, 1_000, bytes.length + 1]) {
    const copy = new MachineDriver(subject);
    copy.restore(bytes, size);
    expectEqual(copy.state(), original.state(), `chunks of ${size} bytes restore the same`);
  }
}

function readsOneMoment(subject: StateMachineSubject): void {
  for (const point of pointsOf(subject)) {
    const driver = at(subject, point);
    const expected = driver.state();
    const reader = driver.machine.snapshot();
    const bytes: number[] = [];
    // A command after each chunk, some twice: what they change must not show.
    const later = [...subject.commands.slice(point), ...subject.commands];
    const size = Math.max(1, Math.floor(expected.snapshot.length / later.length));
    for (let chunk = reader.next(size); chunk !== undefined; chunk = reader.next(size)) {
      take(bytes, chunk, size);
      const command = later.shift();
      if (command !== undefined) driver.apply(command);
    }
    reader.close();
    const copy = new MachineDriver(subject);
    copy.restore(Uint8Array.from(bytes), 1_000);
    expectEqual(copy.state(), expected, `a snapshot is of the moment when it was begun (after ${point} commands)`);
  }
}

function readsTwoMoments(subject: StateMachineSubject): void {
  const half = subject.commands.length >> 1;
  const driver = at(subject, half);
  const expected = [driver.snapshot()];
  const readers = [driver.machine.snapshot()];
  driver.applyAll(subject.commands.slice(half));
  expected.push(driver.snapshot());
  readers.push(driver.machine.snapshot());
  driver.applyAll(subject.commands);
  const parts: number[][] = [[], []];
  for (let open = true; open;) {
    open = false;
    for (const [i, reader] of readers.entries()) {
      const chunk = reader.next(50);
      if (chunk === undefined) continue;
      open = true;
      take(parts[i] ?? [], chunk, 50);
    }
  }
  for (const reader of readers) reader.close();
  expectEqual(
    parts.map((bytes) => Uint8Array.from(bytes)),
    expected,
    'each snapshot is of its own moment',
  );
}

function givesUp(subject: StateMachineSubject): void {
  const driver = at(subject, subject.commands.length);
  const expected = driver.state();
  for (const chunksRead of [0, 1, 3]) {
    const reader = driver.machine.snapshot();
    for (let i = 0; i < chunksRead; i++) reader.next(10);
    reader.close();
    reader.close();
  }
  expectEqual(driver.state(), expected, 'a snapshot that was given up leaves nothing behind');
  expectEqual(readAll(driver.machine.snapshot(), 1_000), expected.snapshot, 'the next one is whole');
}

function replaces(subject: StateMachineSubject): void {
  for (const point of pointsOf(subject)) {
    const original = at(subject, point);
    const full = at(subject, subject.commands.length);
    full.applyAll(subject.commands.slice(0, point >> 1));
    full.restore(original.snapshot(), 1_000, original);
    expectEqual(full.state(), original.state(), 'nothing of the old state is left after a restore');
    for (const command of subject.commands) expectEqual(full.apply(command), original.apply(command), 'commands go on alike');
  }
}

function waitsForFinish(subject: StateMachineSubject): void {
  const other = at(subject, subject.commands.length >> 1).snapshot();
  const driver = at(subject, subject.commands.length);
  const before = driver.state();
  const sink = driver.machine.restore();
  sink.write(other.slice(0, other.length >> 1));
  expectEqual(driver.state(), before, 'a restore that is under way changes nothing');
  sink.write(other.slice(other.length >> 1));
  expectEqual(driver.state(), before, 'a restore that is not finished changes nothing');
  sink.finish();
  expectEqual(driver.snapshot(), other, 'finish replaces the state');
}

function refusesDamage(subject: StateMachineSubject): void {
  const bytes = at(subject, subject.commands.length).snapshot();
  const driver = at(subject, subject.commands.length >> 1);
  const before = driver.state();
  const lengths = new Set([0, 1, bytes.length - 1]);
  for (let i = 1; i < 40; i++) lengths.add(Math.floor((bytes.length * i) / 40));
  const damaged = [...lengths].map((length) => ({ what: `cut off after ${length} bytes`, image: bytes.slice(0, length) }));
  damaged.push({ what: 'followed by another byte', image: Uint8Array.from([...bytes, 0]) });
  for (const { what, image } of damaged) {
    let threw = false;
    try {
      driver.restore(image, 1_000);
    } catch {
      threw = true;
    }
    expectThat(threw, `a snapshot that is ${what} is refused`);
    expectEqual(driver.state(), before, `the state stays as it was, where a snapshot is ${what}`);
  }
  // Bytes that were changed may pass here, for snapshots are checked below; but a half of them never takes effect.
  for (let i = 0; i < 60; i++) {
    const image = Uint8Array.from(bytes);
    const place = Math.floor((bytes.length * i) / 60);
    image[place] = (image[place] ?? 0) ^ (1 << (i % 8));
    const victim = at(subject, subject.commands.length >> 1);
    try {
      victim.restore(image, 1_000);
    } catch {
      expectEqual(victim.state(), before, `the state stays as it was, where byte ${place} of a snapshot was changed`);
    }
  }
}
