import { spawn } from 'node:child_process';
import process from 'node:process';

const windows = process.platform === 'win32';
const running = new Set();
/** Beyond this a timer fires at once. */
const longestMs = 2 ** 31 - 1;

/**
 * Runs Node with `args` for at most `limitMs`, then ends it and everything that it started: children get a process group of
 * their own. The output is kept, not shown.
 */
export function runNode(args, { cwd, env, limitMs }) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: !windows });
    const chunks = [];
    let timedOut = false;
    running.add(child);
    const timer = setTimeout(
      () => {
        timedOut = true;
        killGroup(child);
      },
      Math.min(limitMs, longestMs),
    );
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const over = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.on('error', (error) => {
      over();
      reject(error);
    });
    child.on('close', (code) => {
      over();
      // What a suite left behind must not disturb the next one.
      killGroup(child);
      resolve({ code: code ?? 1, timedOut, ms: performance.now() - began, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/** Ends everything that is running. */
export function endChildren() {
  for (const child of running) killGroup(child);
}

function killGroup(child) {
  try {
    if (windows) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
