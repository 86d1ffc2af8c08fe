import { flagHelp } from './flag-help.ts';
import type { FlagDefinition } from './flag-table.ts';
import { createLogger } from './logger.ts';
import type { Logger } from './logger.ts';
import { memberFlagTable } from './member-flag-table.ts';
import { runMember } from './member-process.ts';
import { protocolNames, transportNames } from './assembly.ts';
import { parseFlags } from './parse-flags.ts';
import type { GivenFlags } from './parse-flags.ts';
import type { Problem } from './problem.ts';
import { resolveFlags } from './resolve-flags.ts';
import type { ResolvedFlags } from './resolve-flags.ts';
import type { ServiceDefinition } from './service.ts';

/** Where a service gets its input from and writes to; the process's own by default. */
export interface ServiceProcess {
  /** Without the interpreter and the script. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdout?: (text: string) => void;
  readonly stderr?: (text: string) => void;
}

/**
 * Runs one member of a service until it is told to stop. Resolves with the exit code: 0 after an orderly stop, 64 usage, 65 data,
 * 70 internal or diverged, 74 I/O, 78 configuration. The caller ends the process: `process.exit(await runService(definition))`.
 */
export async function runService(definition: ServiceDefinition, surroundings: ServiceProcess = {}): Promise<number> {
  const { argv = process.argv.slice(2), env = process.env } = surroundings;
  const stdout = surroundings.stdout ?? ((text): void => void process.stdout.write(text));
  const stderr = surroundings.stderr ?? ((text): void => void process.stderr.write(text));
  const table = memberFlagTable(definition.defaults, { protocols: protocolNames, transports: transportNames });
  const extra = definition.extraFlags ?? [];
  const given = parseFlags([...table, ...extra], { argv, env });
  const answer = answerOf(given, definition, [...table, ...extra]);
  if (answer !== undefined) {
    stdout(answer);
    return 0;
  }
  const resolved = resolveFlags(given, { table, extra, clientSchemes: definition.defaults.clientSchemes });
  const logger = createLogger({ format: resolved.flags.logFormat, write: stderr, wallMs: () => Date.now() });
  if (resolved.problems.length > 0) return refuse(resolved, logger, stderr);
  for (const warning of resolved.warnings) logger.warn(warning);
  return runMember(definition, resolved.flags, { logger, stdout, stderr });
}

function answerOf(given: GivenFlags, definition: ServiceDefinition, table: readonly FlagDefinition[]): string | undefined {
  if (given.asked === 'help') return flagHelp(definition, table);
  return given.asked === 'version' ? `${definition.name} ${definition.version}\n` : undefined;
}

// Everything that is wrong, one line each: an operator wants to correct a command once.
function refuse({ problems, flags }: ResolvedFlags, logger: Logger, stderr: (text: string) => void): number {
  for (const problem of problems) {
    if (flags.logFormat === 'json') logger.error(problemLine(problem), { code: problem.code });
    else stderr(`${problemLine(problem)}\n`);
  }
  return problems.some(({ exit }) => exit === 64) ? 64 : 78;
}

function problemLine({ code, text }: Problem): string {
  return `${code}: ${text}`;
}
