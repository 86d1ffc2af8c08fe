import { readFileSync } from 'node:fs';
import { benchProgram } from './cli/bench-program.ts';

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The command `quorate-bench`: does what the command line says, and ends the process with its exit code. */
export function main(): void {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  // A reader that has seen enough (`… | head`), or a terminal that was closed, is no failure.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
  const around = {
    version,
    stdout: (text: string): void => void process.stdout.write(text),
    stderr: (text: string): void => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY,
    columns: (): number => process.stderr.columns,
    onInterrupt: (run: () => void): (() => void) => {
      for (const signal of endingSignals) process.on(signal, run);
      return () => {
        for (const signal of endingSignals) process.removeListener(signal, run);
      };
    },
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
  };
  void benchProgram(process.argv.slice(2), around).then((code) => (process.exitCode = code));
}
