import { readFileSync } from 'node:fs';
import { benchProgram } from './cli/bench-program.ts';

/** The command `quorate-bench`: does what the command line says, and ends the process with its exit code. */
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
    columns: (): number => process.stderr.columns,
    onInterrupt: (run: () => void): (() => void) => {
      process.on('SIGINT', run);
      process.on('SIGTERM', run);
      return () => {
        process.removeListener('SIGINT', run);
        process.removeListener('SIGTERM', run);
      };
    },
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
  };
  void benchProgram(process.argv.slice(2), around).then((code) => (process.exitCode = code));
}
