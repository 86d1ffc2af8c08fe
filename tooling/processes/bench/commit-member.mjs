// One member of the cluster that the benchmarks of commits measure: a child process that does what it is asked over IPC.
import { nodeHost, openMember } from '@quorate/server';
import { tcpTransport } from '@quorate/transport-tcp';
import { zeromqTransport } from '@quorate/transport-zeromq';
import { roundTripTimesMs, startEcho, syncTimesMs } from './calibration.mjs';
import { register } from './register.mjs';

const plan = JSON.parse(process.argv[2]);
const transports = { tcp: tcpTransport, zeromq: zeromqTransport };
const host = nodeHost();
let member;

/** Commands one after the other, each answered before the next is submitted. Milliseconds from submit to callback. */
function oneAtATime(durationMs, bytes) {
  const command = new Uint8Array(bytes).fill(7);
  const times = [];
  const end = performance.now() + durationMs;
  return new Promise((resolve, reject) => {
    let start = 0;
    const next = () => {
      start = performance.now();
      member.submit(command, host.monotonicMs() + 10_000, answered);
    };
    const answered = (error) => {
      if (error !== undefined) return reject(error);
      const now = performance.now();
      times.push(now - start);
      if (now < end) setImmediate(next);
      else resolve(times);
    };
    next();
  });
}

const requests = {
  syncs: ({ durationMs }) => syncTimesMs(plan.directory, durationMs),
  echo: async () => (await startEcho()).port,
  roundTrips: ({ port, durationMs }) => roundTripTimesMs(port, durationMs),
  async open() {
    member = await openMember({
      name: plan.name,
      members: plan.members,
      directory: `${plan.directory}/${plan.name}.quorate`,
      transport: transports[plan.transport]({ listen: [plan.members[plan.name]] }),
      clientTransport: tcpTransport({ listen: [plan.native] }),
      stateMachine: register(),
      onFailure: (failure) => {
        process.stderr.write(`${failure.code}: ${failure.text}\n`);
        process.exit(failure.exit);
      },
    });
  },
  state() {
    const status = member.status();
    const cpu = process.cpuUsage();
    return {
      settled: status.settled,
      applied: status.applied,
      ordinal: status.ordinal,
      journal: status.journal,
      cpuUs: cpu.user + cpu.system,
    };
  },
  oneAtATime: ({ durationMs, bytes }) => oneAtATime(durationMs, bytes),
  close: () => member.close(),
};

process.on('message', async ({ id, what, ...args }) => {
  try {
    process.send({ id, result: await requests[what](args) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
  if (what === 'close') process.disconnect();
});
