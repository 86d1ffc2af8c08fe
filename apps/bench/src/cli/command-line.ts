import { flagHelp, flagValues, nearest, parseFlags } from '@quorate/server';
import type { FlagDefinition, FlagValue } from '@quorate/server';
import { calibrateFlags, compareFlags, reportFlags, versusFlags } from './flag-tables.ts';

/** One of the things that the program does. */
interface Command {
  readonly flags: readonly FlagDefinition[];
  readonly help: string;
  readonly notes: readonly string[];
  /** What `--quick` and `--short` change where the flag was not given. */
  readonly presets: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const exits =
  'Exit codes: 0 measured, 1 a cell could not be measured, 64 usage, 69 a program is missing, 70 internal, 74 files, 130 interrupted.';

/** `calibrate`, `compare`, `versus` or `report`. */
export type CommandName = 'calibrate' | 'compare' | 'versus' | 'report';

const commands: Readonly<Record<CommandName, Command>> = {
  calibrate: {
    flags: calibrateFlags,
    help: 'measures what the machine itself can do: syncs, loopback, codec, event loop',
    notes: [exits, '', 'Example: quorate-bench calibrate --directory /var/lib/quorate'],
    presets: {},
  },
  compare: {
    flags: compareFlags,
    help: 'measures protocols, transports and storages against each other, in real processes',
    notes: [
      'Systems take turns in every round, so that whatever drifts drifts for all. What is printed of two systems is the ratio of their',
      'rounds, with a confidence interval; a cell that was disturbed or never settled is shown, and not ranked.',
      'With --simulated the protocols run in virtual time: what is counted is messages, and depends on the seed alone.',
      'Progress goes to stderr, the result to stdout. Ctrl-C ends all processes, and reports what was measured so far.',
      exits,
      '',
      'Example: quorate-bench compare --protocols raft,zab --storages file --workloads put --json result.json',
    ],
    presets: {
      quick: {
        storages: 'file',
        workloads: 'put',
        repeats: '3',
        seconds: '2',
        'warm-up': '6',
        'failover-trials': '3',
        'detector-seconds': '5',
      },
      short: {
        transports: 'tcp',
        storages: 'file',
        workloads: 'put,lock,lock-handover',
        loops: 'closed',
        repeats: '2',
        seconds: '1',
        'warm-up': '2',
        'failover-trials': '1',
        'detector-seconds': '5',
        'election-timeout': '500',
      },
    },
  },
  versus: {
    flags: versusFlags,
    help: "measures a cluster of ours against Debian's etcd-server on the same machine",
    notes: [
      'Keys of 256 bytes, values of 1 KiB, three members each, everything synced. Ours through the native client and through the gRPC',
      'door, etcd through the fastest client there is. Needs etcd in the PATH (Debian: etcd-server, and etcd-client for check perf).',
      exits,
      '',
      'Example: quorate-bench versus --repeats 20 --json versus.json',
    ],
    presets: { quick: { repeats: '3', seconds: '2', 'warm-up': '6' } },
  },
  report: {
    flags: reportFlags,
    help: 'puts results that were kept as JSON into one report',
    notes: [
      'Exit codes: 0 done, 64 usage, 65 a file holds something else, 70 internal, 74 files.',
      '',
      'Example: quorate-bench report --measured result.json --simulated simulated.json --html report.html',
    ],
    presets: {},
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
  if (name === '--version') return { ask: 'answer', text: `quorate-bench ${version}\n` };
  if (!isCommand(name)) return { ask: 'refuse', problems: [unknownCommand(name)] };
  const { flags, help, notes, presets } = commands[name];
  // The environment says nothing: the command line in a result must be all there is to it.
  const given = parseFlags(flags, { argv: rest, env: {} });
  if (given.asked === 'version') return { ask: 'answer', text: `quorate-bench ${version}\n` };
  if (given.asked === 'help')
    return { ask: 'answer', text: flagHelp({ name: `quorate-bench ${name}`, description: help, notes }, flags) };
  const chosen = Object.keys(presets).filter((preset) => given.values.get(preset)?.text === 'true');
  const preset = presets[chosen[0] ?? ''] ?? {};
  const table = flags.map((flag) => ({ ...flag, default: preset[flag.name] ?? flag.default }));
  const { values, problems } = flagValues(table, given);
  const wrong = [...given.problems, ...problems].map(({ code, text }) => `${code}: ${text}`);
  if (chosen.length > 1)
    wrong.push(`E_FLAG_CONFLICT: ${chosen.map((one) => `--${one}`).join(' and ')} contradict each other. Give one of them.`);
  wrong.push(...flags.flatMap((flag) => listProblems(flag, values.get(flag.name))));
  if (name === 'compare') wrong.push(...contradictions(values), ...besideSimulated(values, [...given.values.keys()]));
  if (wrong.length > 0) return { ask: 'refuse', problems: wrong };
  return { ask: name, values, given: new Set(given.values.keys()) };
}

/** The values of a list flag that was checked. */
export function listOf(values: ReadonlyMap<string, FlagValue>, name: string): readonly string[] {
  const value = values.get(name);
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

function contradictions(values: ReadonlyMap<string, FlagValue>): string[] {
  const problems: string[] = [];
  if (Number(values.get('heartbeat-interval')) * 2 >= Number(values.get('election-timeout')))
    problems.push('E_FLAG_RANGE: --heartbeat-interval is not below half of --election-timeout. Lower it, or raise the other.');
  if (listOf(values, 'loops').includes('closed') || values.get('rate') !== 0) return problems;
  return [
    ...problems,
    'E_FLAG_MISSING: the open loop takes its rate from the closed one. Give --rate N, or name closed in --loops too.',
  ];
}

/** In virtual time there is nothing to choose but the seed. */
function besideSimulated(values: ReadonlyMap<string, FlagValue>, given: readonly string[]): string[] {
  if (values.get('simulated') !== true) return [];
  const unused = given.filter((name) => !['simulated', 'seed', 'json', 'html', 'markdown'].includes(name));
  return unused.map((name) => `E_FLAG_CONFLICT: --${name} means nothing beside --simulated. Leave one of them out.`);
}

function listProblems({ name, kind, choices }: FlagDefinition, value: FlagValue | undefined): string[] {
  if (kind !== 'list' || choices === undefined || !Array.isArray(value)) return [];
  const words = value as readonly string[];
  const twice = words.find((word, place) => words.indexOf(word) < place);
  const problems = words.filter((word) => !choices.includes(word)).map((word) => unknownWord(name, word, choices));
  if (twice !== undefined) problems.push(`E_FLAG_VALUE: --${name} names ${JSON.stringify(twice)} twice. Name it once.`);
  return problems;
}

function unknownWord(flag: string, word: string, choices: readonly string[]): string {
  const close = nearest(word, choices);
  const advice = close === undefined ? 'Choose from them.' : `Did you mean ${close}?`;
  return `E_FLAG_VALUE: --${flag} names ${JSON.stringify(word)}, allowed: ${choices.join(', ')}. ${advice}`;
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

function unknownCommand(name: string): string {
  const names = Object.keys(commands);
  const close = nearest(name, names);
  return `E_COMMAND: there is no command ${JSON.stringify(name)}. ${close === undefined ? `Write ${names.join(', ')}.` : `Did you mean ${close}?`}`;
}

function generalHelp(): string {
  return [
    'quorate-bench: what clusters of real processes reach, what a commit costs, and how long a dead leader is missed',
    '',
    ...Object.entries(commands).map(([name, { help }]) => `  quorate-bench ${name.padEnd(9)} ${help}`),
    '',
    'quorate-bench COMMAND --help shows the flags. A first look: quorate-bench compare --quick',
    exits,
    '',
  ].join('\n');
}
