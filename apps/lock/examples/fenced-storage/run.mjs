// A holder is stopped with SIGSTOP, loses its lock without knowing it, wakes up and writes: the storage refuses its stale token.
// Run it after a build: node apps/lock/examples/fenced-storage/run.mjs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const children = [];

/** Starts a Node process; `said` waits for a line that begins with a text, and rejects where the process ends before. */
function start(path, ...args) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(path, import.meta.url)), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  let text = '';
  const lines = () => text.split('\n').slice(0, -1);
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  const said = (beginning) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const line = lines().find((one) => one.startsWith(beginning));
        if (line !== undefined) resolve(line);
      };
      child.stdout.on('data', look);
      child.once('close', () => reject(new Error(`${path} ended before it said "${beginning}"`)));
      look();
    });
  return { child, lines, said };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function play() {
  const api = `http://127.0.0.1:${await freePort()}`;
  const peer = `tcp://127.0.0.1:${await freePort()}`;
  const flags = ['--storage=memory', `--listen-api-urls=${api}`, `--listen-peer-urls=${peer}`, '--log-format=json'];
  // Its log is of no interest here.
  const member = spawn(process.execPath, [fileURLToPath(new URL('../../bin/quorate-lock.mjs', import.meta.url)), ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(member);
  await once(member.stdout, 'data');
  const server = start('storage-server.mjs');
  const storage = `http://127.0.0.1:${(await server.said('listening')).split(' ')[1]}`;

  const alice = start('writer.mjs', 'alice', api, storage);
  console.log(await alice.said('alice holds token'));
  alice.child.kill('SIGSTOP');
  console.log('alice is stopped with SIGSTOP while she holds the lock');

  const bob = start('writer.mjs', 'bob', api, storage);
  console.log(await bob.said('bob holds token'));
  bob.child.stdin.write('write\n');
  console.log(await bob.said('bob wrote'));

  // Told to write while she is stopped: it is the first thing that she finds when she wakes up.
  alice.child.stdin.write('write\n');
  alice.child.kill('SIGCONT');
  console.log('alice is woken up and writes');
  console.log(await alice.said('alice was refused'));
  console.log(await alice.said('alice lost the lock'));
  const stored = await (await fetch(storage)).json();
  console.log(`the storage has the value of ${stored.value}, with token ${stored.highestToken}`);
  if (stored.value !== 'bob') throw new Error('the stale write got through');
}

try {
  await play();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  // SIGKILL ends stopped processes too.
  for (const child of children) child.kill('SIGKILL');
}
