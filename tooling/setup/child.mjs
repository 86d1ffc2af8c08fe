import { spawn } from 'node:child_process';
import process from 'node:process';

const windows = process.platform === 'win32';
const running = new Set();
const graceMs = 5000;
let listening = false;

/**
 * Runs a program to its end. Children get a process group of their own, so that a signal to us reaches their children too;
 * none of them reads the terminal. With `capture`, the output is returned instead of shown.
 */
export function run(command, args, { cwd, env = process.env, capture = false } = {}) {
  listenOnce();
  return new Promise((resolve, reject) => {
    const output = capture ? 'pipe' : 'inherit';
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', output, output], detached: !windows });
    const chunks = [];
    running.add(child);
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? 1, signal, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/** Sends a signal to a child and to everything it started. */
function signalGroup(child, signal) {
  try {
    if (windows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has ended in the meantime, which is what the signal was for.
  }
}

function listenOnce() {
  if (listening) return;
  listening = true;
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ]) {
    process.on(signal, () => stopAll(128 + number));
  }
}

/** Asks every child to end, insists after a while, and then ends this process. */
function stopAll(exitCode) {
  if (running.size === 0) process.exit(exitCode);
  const insist = setTimeout(() => {
    for (const child of running) signalGroup(child, 'SIGKILL');
    process.exit(exitCode);
  }, graceMs);
  for (const child of running) {
    child.on('close', () => {
      if (running.size > 0) return;
      clearTimeout(insist);
      process.exit(exitCode);
    });
    signalGroup(child, 'SIGTERM');
  }
}
