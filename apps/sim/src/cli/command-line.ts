import { flagHelp, flagValues, nearest, parseFlags } from '@quorate/server';
import type { FlagDefinition, FlagValue } from '@quorate/server';
import { highestSeed, replayFlags, runFlags, shrinkFlags } from './flag-tables.ts';

/** One of the things that the program does. */
interface Command {
  readonly flags: readonly FlagDefinition[];
  readonly help: string;
  readonly notes: readonly string[];
}

const exits =
  'Exit codes: 0 clean, 1 a claim was broken, a planted bug was not found or too much is unknown, 64 usage, 65 and 74 files, 130 interrupted.';

/** `run`, `replay` or `shrink`. */
export type CommandName = 'run' | 'replay' | 'shrink';

const commands: Readonly<Record<CommandName, Command>> = {
  run: {
    flags: runFlags,
    help: 'runs clusters through random faults and checks every claim',
    notes: [
      'The seed decides everything: members, faults, delays, clients. Equal seeds of one commit give equal runs.',
      'Each run also plants one known bug in a cluster of its own, and is void unless it is found.',
      'Progress goes to stderr, the report to stdout. Ctrl-C stops, and reports what was found so far.',
      exits,
      '',
      'Example: quorate-sim run --protocol raft --seeds 200 --keep-going --report report.json',
    ],
  },
  replay: {
    flags: replayFlags,
    help: 'runs one seed or plan again, and writes down what happens',
    notes: [exits, '', 'Example: quorate-sim replay --protocol raft --seed 17 --seconds 60 --trace seed-17.trace'],
  },
  shrink: {
    flags: shrinkFlags,
    help: 'makes a failing seed or plan smaller, while it breaks the same claim',
    notes: [
      exits,
      '',
      'Example: quorate-sim shrink --protocol raft --seed 17 --out small.json && quorate-sim replay --plan small.json',
    ],
  },
};

/** What a command line asks for. */
export type CommandLine =
  | { readonly ask: CommandName; readonly values: ReadonlyMap<string, FlagValue>; readonly given: ReadonlySet<string> }
  | { readonly ask: 'answer'; readonly text: string }
  | { readonly ask: 'refuse'; readonly problems: readonly string[] };

/** Reads a command line; finds everything that is wrong with it. */
export function parseCommandLine(argv: readonly string[], version: string): CommandLine {
  const [name, ...rest] = argv;
  if (name === undefined)
    return { ask: 'refuse', problems: [`E_COMMAND: there is no command. Write ${Object.keys(commands).join(', ')}, or --help.`] };
  if (name === '--help' || name === '-h' || name === 'help') return { ask: 'answer', text: generalHelp() };
  if (name === '--version') return { ask: 'answer', text: `quorate-sim ${version}\n` };
  if (!isCommand(name)) return { ask: 'refuse', problems: [unknownCommand(name)] };
  const { flags, help, notes } = commands[name];
  // The environment says nothing: a line that reproduces a failure must be all there is to it.
  const given = parseFlags(flags, { argv: rest, env: {} });
  if (given.asked === 'version') return { ask: 'answer', text: `quorate-sim ${version}\n` };
  if (given.asked === 'help')
    return { ask: 'answer', text: flagHelp({ name: `quorate-sim ${name}`, description: help, notes }, flags) };
  // Not given and without a default: absent, whatever its kind.
  const table = flags.filter((flag) => flag.default !== '' || flag.kind === 'text' || given.values.has(flag.name));
  const { values, problems } = flagValues(table.map(withDefault), given);
  const wrong = [...given.problems, ...problems].map(({ code, text }) => `${code}: ${text}`);
  if (wrong.length === 0) wrong.push(...contradictions(name, values, new Set(given.values.keys())));
  if (wrong.length > 0) return { ask: 'refuse', problems: wrong };
  return { ask: name, values, given: new Set(given.values.keys()) };
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

function unknownCommand(name: string): string {
  const names = Object.keys(commands);
  const close = nearest(name, names);
  return `E_COMMAND: there is no command ${JSON.stringify(name)}. ${close === undefined ? `Write ${names.join(', ')}.` : `Did you mean ${close}?`}`;
}

// A required integer has no default; its place is taken only while it is being read.
function withDefault(flag: FlagDefinition): FlagDefinition {
  return flag.kind === 'integer' && flag.default === '' ? { ...flag, default: String(flag.min ?? 0) } : flag;
}

function contradictions(name: CommandName, values: ReadonlyMap<string, FlagValue>, given: ReadonlySet<string>): string[] {
  if (name === 'run') {
    // Not as a sum: beyond the last seed it would be rounded.
    if (Number(values.get('seeds')) - 1 <= highestSeed - Number(values.get('first-seed'))) return [];
    return ['E_FLAG_RANGE: --first-seed and --seeds lead beyond 2^53 - 1, the last seed. Begin earlier, or run fewer.'];
  }
  if (!given.has('seed') && !given.has('plan'))
    return [`E_FLAG_MISSING: ${name} needs --seed N or --plan FILE. Give one of them.`];
  if (given.has('plan')) {
    const idle = ['seed', 'seconds', 'protocol'].filter((flag) => given.has(flag));
    if (idle.length > 0) return [`E_FLAG_CONFLICT: --plan FILE already says --${idle.join(' and --')}. Leave them out.`];
  }
  return [];
}

function generalHelp(): string {
  return [
    'quorate-sim: deterministic simulation of whole clusters, with faults, and with checkers that notice',
    '',
    ...Object.entries(commands).map(([name, { help }]) => `  quorate-sim ${name.padEnd(7)} ${help}`),
    '',
    'quorate-sim COMMAND --help shows the flags.',
    exits,
    '',
  ].join('\n');
}
