// Takes the lock, says so, waits for a line on stdin, and writes. It looks at nothing but the clock of its own process between the
// two: exactly what a paused program cannot be trusted with.
import { lockClient } from '@quorate/lock/client';

const [name, api, storage] = process.argv.slice(2);
const client = lockClient({ endpoints: [api], ttlMs: 800, name, onEvent: ({ type }) => say(type) });
const lock = await client.acquire('disk');
say(`holds token ${lock.token}`);
lock.signal.addEventListener('abort', () => say('lost the lock'));

process.stdin.once('data', () => {
  void write().finally(() => client.close());
  process.stdin.destroy();
});

async function write() {
  const body = JSON.stringify({ token: lock.token, value: name });
  const response = await fetch(storage, { method: 'PUT', body });
  say(response.status === 200 ? 'wrote' : `was refused with token ${lock.token}`);
  await lock.release();
}

function say(text) {
  process.stdout.write(`${name} ${text}\n`);
}
