import type { FlagDefinition } from './flag-table.ts';

const widest = 46;

/** What `--help` says beside its table. */
export interface HelpTexts {
  readonly name: string;
  readonly description: string;
  /** Lines behind the table; those of a member process by default. */
  readonly notes?: readonly string[];
}

const memberNotes = [
  'Every flag can be an environment variable: --data-dir is QUORATE_DATA_DIR. The command line wins.',
  'Exit codes: 0 stopped in order, 64 usage, 65 data, 70 internal or diverged, 74 I/O, 78 configuration.',
];

/** The text of `--help`: one line per flag with its default and meaning. */
export function flagHelp(command: HelpTexts, table: readonly FlagDefinition[]): string {
  const rows = table.map((flag) => [`--${flag.name}${placeholder(flag)}`, flag.default, flag.help] as const);
  const all = [...rows, ['--help', '', 'this table'] as const, ['--version', '', 'the version'] as const];
  const names = Math.min(Math.max(...all.map(([name]) => name.length)), widest);
  const defaults = Math.max('default'.length, ...all.map(([, value]) => value.length));
  const line = ([name, value, help]: readonly [string, string, string]): string =>
    `  ${name.padEnd(names)}  ${value.padEnd(defaults)}  ${help}`.trimEnd();
  return [
    `${command.name}: ${command.description}`,
    '',
    `Usage: ${command.name} [flags]`,
    '',
    line(['flag', 'default', 'meaning']),
    ...all.map(line),
    '',
    ...(command.notes ?? memberNotes),
    '',
  ].join('\n');
}

function placeholder(flag: FlagDefinition): string {
  if (flag.placeholder !== undefined) return ` ${flag.placeholder}`;
  switch (flag.kind) {
    case 'switch':
      return '';
    case 'integer':
      return ' N';
    case 'list':
      return ' A,B';
    case 'choice':
      return ` ${flag.choices?.join('|')}`;
    default:
      return ' TEXT';
  }
}
