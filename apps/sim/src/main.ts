import { readFileSync } from 'node:fs';
import { WorkerPool } from './campaign/worker-pool.ts';
import { simProgram } from './cli/sim-program.ts';

/** The command `quorate-sim`: does what the command line says, and ends the process with its exit code. */
export function main(): void {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  // A reader that has seen enough (`… | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const around = {
    version,
    stdout: (text: string): void => void process.stdout.write(text),
    stderr: (text: string): void => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY,
    onInterrupt: (run: () => void): (() => void) => {
      process.once('SIGINT', run);
      return () => void process.removeListener('SIGINT', run);
    },
    wallMs: () => performance.now(),
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
  };
  void simProgram(process.argv.slice(2), (jobs) => new WorkerPool(jobs), around).then((code) => (process.exitCode = code));
}
