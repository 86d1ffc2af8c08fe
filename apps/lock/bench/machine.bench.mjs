// The machine alone, without consensus: `node bench/machine.bench.mjs`, on dist. One line of JSON per case: commands per second of
// CPU time, of one thread. Runs beside other work differ: compare interleaved runs of two builds, never single figures.
import { lockCommands, lockStateMachine } from '../dist/machine/index.js';

const encoder = new TextEncoder();

/** A machine under a log of its own. */
function driver() {
  const machine = lockStateMachine();
  let ordinal = 0;
  let token = 0;
  const out = {
    awaited: true,
    reply() {},
    emit(event) {
      if (event.type === 'granted') token = event.token;
    },
  };
  return {
    machine,
    get token() {
      return token;
    },
    run(command) {
      ordinal += 1;
      machine.apply(command, { clusterMs: ordinal, wallMs: 0, ordinal, index: ordinal }, out);
      return ordinal;
    },
  };
}

function measure(name, count, run) {
  for (let i = 0; i < count / 10; i++) run();
  const cpu = process.cpuUsage();
  for (let i = 0; i < count; i++) run();
  const used = process.cpuUsage(cpu);
  const cpuUs = (used.user + used.system) / count;
  console.log(JSON.stringify({ name, count, cpuUs: +cpuUs.toFixed(2), perCpuSecond: Math.round(1e6 / cpuUs) }));
}

function sessions(lock, count) {
  return Array.from({ length: count }, () => lock.run(lockCommands.openSession(10_000, 'bench', encoder.encode('host'))));
}

{
  const lock = driver();
  const [session] = sessions(lock, 1);
  let request = 0;
  // Both commands are encoded within the measure, as a door encodes them; the answers too.
  measure('a pair of acquire and release, free lock', 200_000, () => {
    lock.run(lockCommands.acquire({ session, lock: 'orders/eu', request: ++request }));
    lock.run(lockCommands.release({ session, lock: 'orders/eu', token: lock.token, request }));
  });
}
{
  const lock = driver();
  const all = sessions(lock, 101);
  let request = 0;
  const queue = [];
  const acquire = (session) => {
    lock.run(lockCommands.acquire({ session, lock: 'hot', request: ++request }));
    queue.push({ session, request });
  };
  for (const session of all) acquire(session);
  measure('a release that wakes the next of 100 waiters, and an acquire at the end of the queue', 100_000, () => {
    const { session, request: held } = queue.shift();
    lock.run(lockCommands.release({ session, lock: 'hot', token: lock.token, request: held }));
    acquire(session);
  });
}
{
  const lock = driver();
  const all = sessions(lock, 10_000);
  const batch = lockCommands.keepAlive(all);
  measure('a renewal of 10 000 sessions', 200, () => lock.run(batch));
}
{
  const lock = driver();
  for (const [i, session] of sessions(lock, 20_000).entries()) {
    lock.run(lockCommands.acquire({ session, lock: `lock ${i}`, request: 1 }));
  }
  measure('a snapshot of 20 000 sessions and locks', 10, () => {
    const reader = lock.machine.snapshot();
    while (reader.next(65_536) !== undefined);
    reader.close();
  });
}
