import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/** The middle of the values; NaN where there are none. */
export function median(values) {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Milliseconds of a 512-byte write and fdatasync, one after the other, on zero-filled space that was synced before. */
export function syncTimesMs(directory, durationMs) {
  const folder = mkdtempSync(join(directory, 'calibrate-'));
  const file = openSync(join(folder, 'sync'), 'w');
  const bytes = 1 << 20;
  writeSync(file, Buffer.alloc(bytes), 0, bytes, 0);
  fdatasyncSync(file);
  const block = Buffer.alloc(512, 7);
  const times = [];
  const end = performance.now() + durationMs;
  for (let i = 0; performance.now() < end; i++) {
    const start = performance.now();
    writeSync(file, block, 0, block.length, (i * block.length) % bytes);
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  closeSync(file);
  rmSync(folder, { recursive: true });
  return times;
}

/** Answers whatever arrives with the same bytes; resolves with the port and a way to stop. */
export function startEcho() {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => socket.write(chunk));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port, stop: () => server.close() }));
  });
}

/** Milliseconds of a 512-byte round trip over loopback TCP to another process's echo. */
export function roundTripTimesMs(port, durationMs) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    const message = Buffer.alloc(512, 7);
    const times = [];
    const end = performance.now() + durationMs;
    let start = 0;
    let received = 0;
    const send = () => {
      start = performance.now();
      received = 0;
      socket.write(message);
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received < message.length) return;
      times.push(performance.now() - start);
      if (performance.now() < end) return send();
      socket.destroy();
      resolve(times);
    });
    socket.on('error', reject);
  });
}
