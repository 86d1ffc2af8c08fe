import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import process from 'node:process';

/**
 * Runs a program to its end, or to its limit. A failure is a text, not a throw; undefined: all is well.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, limitMs: number }} options
 * @returns {Promise<{ output: string, problem: string | undefined }>}
 */
export function runChild(command, args, { cwd, env = process.env, limitMs }) {
  const options = {
    cwd,
    // What is told is a text to be compared: some tools colour it wherever they find a CI.
    env: { ...env, NO_COLOR: '1', FORCE_COLOR: '0' },
    timeout: limitMs,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
    shell: process.platform === 'win32',
  };
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve({ output: stdout, problem: undefined });
        return;
      }
      const why = error.killed === true ? `did not end within ${limitMs / 1000} s` : (error.signal ?? `exit code ${error.code}`);
      const title = [basename(command), ...args.map((arg) => basename(arg))].join(' ');
      resolve({ output: stdout, problem: `${title}: ${why}\n${stdout}${stderr}`.trim() });
    });
  });
}

/**
 * Works on a few of the items at a time; the results are in the order of the items.
 *
 * @template T, R
 * @param {readonly T[]} items
 * @param {number} atATime
 * @param {(item: T) => Promise<R>} work
 * @returns {Promise<R[]>}
 */
export async function inParallel(items, atATime, work) {
  const results = [];
  const waiting = [...items.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return results;
}
