import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';

const windows = process.platform === 'win32';
const running = new Set();
const graceMs = 10_000;
const watchMs = 50;
let listening = false;
let stopping = false;

/**
 * Runs a program to its end. Children get a process group of their own, so that a signal to us reaches their children too;
 * none of them reads the terminal. With `capture`, the output is returned instead of shown, and each line of it given to `onLine`.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, capture?: boolean, onLine?: (line: string) => void }} [options]
 */
export function run(command, args, { cwd, env = process.env, capture = false, onLine } = {}) {
  listenOnce();
  return new Promise((resolve, reject) => {
    // While we end, nothing new starts and nobody goes on: the promise stays open until the process is gone.
    if (stopping) return;
    const output = capture ? 'pipe' : 'inherit';
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', output, output], detached: !windows });
    const chunks = [];
    running.add(child);
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    if (onLine !== undefined && child.stdout !== null) createInterface({ input: child.stdout }).on('line', onLine);
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      if (stopping) return;
      resolve({ code: code ?? 1, signal, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/** Sends a signal to a child and to everything in its group; false where nobody is left. */
function signalGroup(child, signal) {
  try {
    if (windows) child.kill(signal);
    else process.kill(-child.pid, signal);
    return !windows || child.exitCode === null;
  } catch {
    return false;
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

/**
 * Asks every child to end, insists after a while, and then ends this process. A child may be gone long before what it
 * started (turbo waits for its tasks), so that the groups are watched, not the children.
 */
function stopAll(exitCode) {
  if (stopping) return;
  stopping = true;
  const groups = [...running].filter((child) => signalGroup(child, 'SIGTERM'));
  const deadline = Date.now() + graceMs;
  const watch = () => {
    const left = groups.filter((child) => signalGroup(child, 0));
    if (left.length > 0 && Date.now() < deadline) return;
    for (const child of left) signalGroup(child, 'SIGKILL');
    process.exit(exitCode);
  };
  setInterval(watch, watchMs);
  watch();
}
