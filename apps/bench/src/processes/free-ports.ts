import { createServer, type Server } from 'node:net';
import process from 'node:process';

// Systems take the ports of outgoing connections from above this range (Linux: from 32768 on). A port from there may be gone when a member
// that was stopped comes back: the others dial all the time.
const lowest = 10_000;
const range = 22_000;

// Test processes that run side by side begin at different places.
let next = (process.pid * 97) % range;

/** Loopback ports that nobody listened on a moment ago; none is given twice by one process. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried === range) throw new Error(`there are no ${count} free ports from ${lowest} to ${lowest + range - 1}`);
    const port = lowest + next;
    next = (next + 1) % range;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  const server: Server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => void server.close(() => resolve(true)));
  });
}
