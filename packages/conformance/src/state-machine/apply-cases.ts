import { expectEqual, expectThat } from '../expectation.ts';
import { seededRandom } from '../seeded-random.ts';
import { MachineDriver } from './machine-driver.ts';
import type { StateMachineCase } from './state-machine-case.ts';
import type { StateMachineSubject } from './state-machine-subject.ts';

/** Commands and queries. That shared bytes are left alone, and replies come once and in time, is looked at in all cases. */
export const applyCases: readonly StateMachineCase[] = [
  { name: 'has a name and a version that stay', needs: [], check: isNamed },
  { name: 'is given commands and queries that show something', needs: [], check: showsSomething },
  { name: 'gives equal replies, events and states for equal commands', needs: [], check: isDeterministic },
  { name: 'stops no member by a command of its own', needs: [], check: bearsItsOwn },
  { name: 'comes to the same state and events where nobody awaits a reply', needs: [], check: needsNoReply },
  { name: 'keeps nothing of the bytes of a command, which are shared', needs: [], check: keepsNoBytes },
  { name: 'emits the same events on every member', needs: ['events'], check: emits },
  { name: 'changes nothing by a query', needs: [], check: queriesOnly },
  { name: 'treats bytes that are no command alike on every member', needs: [], check: bearsMalformed },
  { name: 'treats damaged commands alike on every member', needs: [], check: bearsDamaged },
  { name: 'prepares a command without changing it or the state, and always alike', needs: ['prepare'], check: prepares },
  { name: 'keeps no duties that it was told to stop', needs: [], check: stopsDuties },
];

function isNamed({ create }: StateMachineSubject): void {
  const [one, two] = [create(), create()];
  expectThat(one !== two, 'create makes a machine of its own each time');
  expectThat(one.name.length > 0 && one.name === two.name, 'a machine has a name, always the same');
  expectThat(Number.isSafeInteger(one.version) && one.version === two.version, 'a machine has a version, always the same');
}

function showsSomething(subject: StateMachineSubject): void {
  expectThat(subject.commands.length >= 20, `there are at least 20 commands (got ${subject.commands.length})`);
  expectThat(subject.queries.length > 0, 'there is a query');
  const [before, after] = [new MachineDriver(subject), new MachineDriver(subject)];
  after.applyAll(subject.commands);
  const shown = before.answers().join() !== after.answers().join();
  expectThat(shown, 'the queries show what the commands did: otherwise the suite proves nothing');
}

function isDeterministic(subject: StateMachineSubject): void {
  const [one, two] = [new MachineDriver(subject), new MachineDriver(subject)];
  for (const [i, command] of subject.commands.entries()) {
    expectEqual(two.apply(command), one.apply(command), `command ${i} does the same on both machines`);
    if (i % 7 === 0) expectEqual(two.state(), one.state(), `the states after command ${i} are equal`);
  }
  expectEqual(two.state(), one.state(), 'the states at the end are equal');
}

function bearsItsOwn(subject: StateMachineSubject): void {
  const one = new MachineDriver(subject);
  for (const [i, command] of subject.commands.entries())
    expectThat(!one.apply(command).threw, `command ${i} does not throw: that would stop every member`);
}

function needsNoReply(subject: StateMachineSubject): void {
  const [awaited, silent] = [new MachineDriver(subject), new MachineDriver(subject)];
  const events = (stream: readonly string[]): string[] => stream.filter((part) => part.startsWith('event '));
  for (const [i, command] of subject.commands.entries()) {
    const loud = awaited.apply(command, true);
    const quiet = silent.apply(command, false);
    expectEqual(events(quiet.stream), events(loud.stream), `command ${i} emits the same events, awaited or not`);
  }
  expectEqual(silent.state(), awaited.state(), 'the state does not depend on who awaits a reply');
}

function keepsNoBytes(subject: StateMachineSubject): void {
  const [reused, kept] = [new MachineDriver(subject), new MachineDriver(subject)];
  for (const [i, command] of subject.commands.entries()) {
    expectEqual(reused.apply(command), kept.apply(command, true, true), `command ${i} does the same`);
    if (i % 7 === 0)
      expectEqual(reused.state(), kept.state(), `the state after command ${i} does not depend on what became of its bytes`);
  }
  expectEqual(reused.state(), kept.state(), 'the state does not depend on what became of the bytes of commands');
}

function emits(subject: StateMachineSubject): void {
  const [one, two] = [new MachineDriver(subject), new MachineDriver(subject)];
  const eventsOf = (driver: MachineDriver): string[] =>
    driver.applyAll(subject.commands).flatMap(({ stream }) => stream.filter((part) => part.startsWith('event ')));
  const events = eventsOf(one);
  expectThat(events.length > 0, 'the commands emit events: otherwise the suite proves nothing of them');
  expectEqual(eventsOf(two), events, 'the events are equal, in one order');
}

function queriesOnly(subject: StateMachineSubject): void {
  const [asked, other] = [new MachineDriver(subject), new MachineDriver(subject)];
  for (const command of subject.commands) {
    const before = asked.answers();
    expectEqual(asked.answers(), before, 'a query is answered alike as long as nothing is applied');
    expectEqual(asked.apply(command), other.apply(command), 'a query has no effect on the commands after it');
  }
  expectEqual(asked.state(), other.state(), 'a query has no effect on the state');
}

/** Two machines meet the same bytes between the same commands: whatever these do, they do it to both. */
function expectAlike(subject: StateMachineSubject, strange: readonly Uint8Array[]): void {
  const [one, two] = [new MachineDriver(subject), new MachineDriver(subject)];
  for (const [i, bytes] of strange.entries()) {
    const command = subject.commands[i % subject.commands.length] ?? new Uint8Array(0);
    expectEqual(two.apply(command), one.apply(command), 'commands go on alike');
    const outcome = one.apply(bytes);
    expectEqual(two.apply(bytes), outcome, `strange bytes ${i} do the same on both machines`);
    if (outcome.threw) expectThat(outcome.stream.length === 0, `strange bytes ${i} are refused before they do anything`);
    if (i % 20 === 0) expectEqual(two.state(), one.state(), `the states after strange bytes ${i} are equal`);
  }
  expectEqual(two.state(), one.state(), 'the states at the end are equal');
}

function bearsMalformed(subject: StateMachineSubject): void {
  const random = seededRandom(3);
  const noise = Array.from({ length: 200 }, () => Uint8Array.from({ length: Math.floor(random() * 40) }, () => random() * 256));
  expectAlike(subject, [new Uint8Array(0), ...subject.malformed, ...noise]);
}

function bearsDamaged(subject: StateMachineSubject): void {
  const random = seededRandom(4);
  const damaged = Array.from({ length: 300 }, (_, i) => {
    const command = Uint8Array.from(subject.commands[i % subject.commands.length] ?? []);
    const place = Math.floor(random() * command.length);
    if (i % 3 === 0) return command.slice(0, place);
    if (command.length > 0) command[place] = Math.floor(random() * 256);
    return command;
  });
  expectAlike(subject, damaged);
}

function prepares(subject: StateMachineSubject): void {
  const [leader, other] = [new MachineDriver(subject), new MachineDriver(subject)];
  for (const command of subject.commands) {
    const { machine } = leader;
    expectThat(machine.prepare !== undefined, 'a machine whose manifest says prepare has it');
    const request = Uint8Array.from(command);
    const stamp = { clusterMs: 5, wallMs: 0 };
    const prepared = machine.prepare(request, stamp);
    expectEqual(request, command, 'prepare leaves the request alone');
    expectEqual(machine.prepare(request, stamp), prepared, 'prepare is pure: the same request is prepared alike');
    expectEqual(leader.apply(command), other.apply(command), 'prepare has no effect on what is applied');
  }
  expectEqual(leader.state(), other.state(), 'prepare has no effect on the state');
}

function stopsDuties(subject: StateMachineSubject): void {
  const [told, other] = [new MachineDriver(subject), new MachineDriver(subject)];
  const proposed: Uint8Array[] = [];
  for (const [i, command] of subject.commands.entries()) {
    const timers = new Set<() => void>();
    told.machine.duties?.({
      number: i + 1,
      now: () => i * 1_000,
      propose: (bytes) => void proposed.push(bytes),
      at(_deadlineMs, run) {
        timers.add(run);
        return { cancel: () => void timers.delete(run) };
      },
    });
    told.machine.duties?.(undefined);
    proposed.length = 0;
    expectEqual(told.apply(command), other.apply(command), 'duties have no effect on what is applied');
    for (const run of timers) run();
    expectEqual(proposed, [], 'nothing is proposed under a tenure that is over');
  }
  expectEqual(told.state(), other.state(), 'duties have no effect on the state: what they decide is a command');
}
