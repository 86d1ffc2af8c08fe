import type { ServiceDefinition } from './service.ts';

/** Where a service process gets its input from and writes to; the process's own by default. */
export interface ServiceProcess {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs one member of a service until it is told to stop. Resolves with the exit code: 0 after an orderly stop, 64 usage, 65 data,
 * 70 internal or diverged, 74 I/O, 78 configuration. The caller ends the process: `process.exit(await runService(definition))`.
 */
export function runService(definition: ServiceDefinition, process?: ServiceProcess): Promise<number> {
  void process;
  return Promise.reject(new Error(`${definition.name} is not assembled yet`));
}
