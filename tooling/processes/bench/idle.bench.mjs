// What three idle quorate-kv members cost: resident memory, and CPU as a share of one core.
// Usage: node tooling/processes/bench/idle.bench.mjs [--seconds 20]
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCluster } from '@quorate/processes';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, warm: { type: 'string', default: '10' } },
});
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

// Linux counts a process's CPU in hundredths of a second; fields 14 and 15 of stat, behind the name in parentheses.
const cpuSeconds = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const residentMib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const program = fileURLToPath(new URL('../../../apps/kv/bin/quorate-kv.mjs', import.meta.url));
const cluster = await startCluster({ program, size: 3 });
try {
  await cluster.untilHealthy();
  await pause(Number(values.warm));
  const pids = cluster.processes.map(({ pid }) => pid);
  const before = pids.map(cpuSeconds);
  const start = performance.now();
  await pause(Number(values.seconds));
  const elapsed = (performance.now() - start) / 1000;
  for (const [place, pid] of pids.entries()) {
    const share = ((cpuSeconds(pid) - before[place]) / elapsed) * 100;
    console.log(
      `member ${place + 1}: ${residentMib(pid).toFixed(1)} MiB resident (target 90), ${share.toFixed(2)} % of a core (target 2)`,
    );
  }
} finally {
  await cluster.close();
}
