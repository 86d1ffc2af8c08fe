// What one command costs each protocol, and how many message delays a failover takes: counted in the simulator, so equal on every machine.
//
//   pnpm build && node apps/sim/bench/protocol-cost.bench.mjs
import { measureCommitCost } from '../dist/measure/commit-cost.js';
import { measureFailover } from '../dist/measure/failover-delay.js';
import { protocolNamed, protocolNames } from '../dist/protocols.js';

const eager = 0.9;
console.log('per lone command, notices at once   voters  messages  bytes  syncs per member  by kind');
for (const name of protocolNames) {
  for (const voters of [3, 5, 7]) {
    const { messages, messagesInAll, bytes, syncsPerMember } = measureCommitCost(protocolNamed(name), voters, eager);
    const kinds = Object.entries(messages).map(([kind, count]) => `${kind} ${count}`);
    const row = [name.padEnd(34), voters, messagesInAll, Math.round(bytes), syncsPerMember];
    console.log(
      `${row[0]} ${String(row[1]).padStart(7)} ${String(row[2]).padStart(9)} ${String(row[3]).padStart(6)} ${String(row[4]).padStart(17)}  ${kinds.join(', ')}`,
    );
  }
}
console.log('\nmessage delays after the suspicion  voters  elected  ready  settled  first commit  first command');
for (const name of protocolNames) {
  for (const voters of [3, 5]) {
    const { elected, ready, settled, firstCommit, firstCommand } = measureFailover(protocolNamed(name), voters);
    const cells = [voters, elected, ready, settled, firstCommit, firstCommand].map((value, place) =>
      String(Math.round(value * 10) / 10).padStart([7, 8, 6, 8, 13, 14][place]),
    );
    console.log(`${name.padEnd(34)} ${cells.join(' ')}`);
  }
}
