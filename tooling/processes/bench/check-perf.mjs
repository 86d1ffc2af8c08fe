// Stock `etcdctl check perf` against three real members, and the CPU seconds that they spent on it.
// Usage: node tooling/processes/bench/check-perf.mjs [--load s|m|l|xl] [--protocol raft|multi-paxos|zab]
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCluster } from '@quorate/processes';

const { values } = parseArgs({
  options: { load: { type: 'string', default: 's' }, protocol: { type: 'string', default: 'raft' } },
});
const cpuSeconds = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const program = fileURLToPath(new URL('../../../apps/kv/bin/quorate-kv.mjs', import.meta.url));
const cluster = await startCluster({ program, size: 3, protocol: values.protocol });
try {
  await cluster.untilHealthy();
  const args = ['--endpoints', cluster.endpoints.join(','), 'check', 'perf', `--load=${values.load}`];
  const child = spawn('etcdctl', args, { env: { ...process.env, ETCDCTL_API: '3' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  console.log(
    output
      .split(/[\r\n]+/)
      .filter((line) => /PASS|FAIL|Slowest|Stddev|Throughput/.test(line))
      .join('\n'),
  );
  const spent = cluster.processes.map(({ pid }) => cpuSeconds(pid).toFixed(1));
  console.log(`CPU seconds of the members since their start: ${spent.join(', ')}; etcdctl ended with code ${code}`);
  process.exitCode = code ?? 1;
} finally {
  await cluster.close();
}
