import type { FlagDefinition } from './flag-table.ts';
import { editDistance, nearest } from './nearest.ts';
import { configProblem, usageProblem } from './problem.ts';
import type { Problem } from './problem.ts';

/** A flag as it was given. */
export interface GivenFlag {
  readonly text: string;
  /** How to name it in an error: `--name` or `QUORATE_NAME`. */
  readonly source: string;
  readonly fromEnvironment: boolean;
}

/** What the command line and the environment say, before any of it is checked. */
export interface GivenFlags {
  readonly values: ReadonlyMap<string, GivenFlag>;
  readonly asked: 'run' | 'help' | 'version';
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Where flags come from. */
export interface FlagSources {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads `--flag value`, `--flag=value`, `--switch` and `QUORATE_FLAG`; the command line wins. Collects all problems. */
export function parseFlags(table: readonly FlagDefinition[], { argv, env }: FlagSources): GivenFlags {
  const byName = new Map(table.map((flag) => [flag.name, flag]));
  const line = parseLine(byName, argv);
  const fromEnv = parseEnvironment(byName, env);
  return {
    values: new Map([...fromEnv.values, ...line.values]),
    asked: line.asked,
    problems: [...line.problems, ...fromEnv.problems],
    warnings: fromEnv.warnings,
  };
}

/** The environment variable of a flag. */
export function variableOf(name: string): string {
  return `QUORATE_${name.toUpperCase().replaceAll('-', '_')}`;
}

type FlagsByName = ReadonlyMap<string, FlagDefinition>;

function parseLine(byName: FlagsByName, argv: readonly string[]): Omit<GivenFlags, 'warnings'> {
  const values = new Map<string, GivenFlag>();
  const problems: Problem[] = [];
  let asked: GivenFlags['asked'] = 'run';
  for (let place = 0; place < argv.length; place++) {
    const word = argv[place] ?? '';
    if (word === '--help' || word === '-h') asked = 'help';
    else if (word === '--version') asked = asked === 'help' ? 'help' : 'version';
    else {
      const [head = '', ...rest] = word.split('=');
      const flag = head.startsWith('--') ? byName.get(head.slice(2)) : undefined;
      if (flag === undefined) {
        problems.push(unknownFlag(byName, head));
        // The value of a flag that nobody knows is not a second mistake.
        const follows = argv[place + 1];
        if (head.startsWith('-') && rest.length === 0 && follows?.startsWith('-') === false) place++;
        continue;
      }
      let text: string | undefined = rest.length > 0 ? rest.join('=') : undefined;
      if (text === undefined && flag.kind === 'switch') text = 'true';
      if (text === undefined && argv[place + 1]?.startsWith('--') === false) text = argv[++place];
      const problem = takeValue(values, head, text);
      if (problem !== undefined) problems.push(problem);
    }
  }
  return { values, asked, problems };
}

function takeValue(values: Map<string, GivenFlag>, source: string, text: string | undefined): Problem | undefined {
  const name = source.slice(2);
  if (text === undefined || text === '') {
    return usageProblem('E_FLAG_VALUE', `${source} has no value. Write ${source} VALUE or ${source}=VALUE.`);
  }
  if (values.has(name)) return usageProblem('E_FLAG_TWICE', `${source} is given twice. Keep one of them.`);
  values.set(name, { text, source, fromEnvironment: false });
  return undefined;
}

function unknownFlag(byName: FlagsByName, word: string): Problem {
  if (!word.startsWith('-')) {
    return usageProblem('E_ARGUMENT', `${JSON.stringify(word)} belongs to no flag. Flags begin with two dashes; see --help.`);
  }
  if (word === '--help' || word === '--version') {
    return usageProblem('E_FLAG_VALUE', `${word} is given a value, allowed: none. Write ${word} alone.`);
  }
  const close = nearest(word.replace(/^-+/u, ''), [...byName.keys(), 'help', 'version']);
  const advice = close === undefined ? 'See --help.' : `Did you mean --${close}?`;
  return usageProblem('E_FLAG_UNKNOWN', `there is no flag ${word}. ${advice}`);
}

function parseEnvironment(byName: FlagsByName, env: FlagSources['env']): Omit<GivenFlags, 'asked'> {
  const values = new Map<string, GivenFlag>();
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const names = new Map([...byName.keys()].map((name) => [variableOf(name), name]));
  for (const variable of Object.keys(env).sort()) {
    const text = env[variable];
    if (!variable.startsWith('QUORATE_') || text === undefined || text === '') continue;
    const name = names.get(variable);
    if (name !== undefined) {
      values.set(name, { text, source: variable, fromEnvironment: true });
      continue;
    }
    // A near miss is a typing error. Anything else may be somebody else's: orchestrators set variables of their own.
    const close = nearest(variable, names.keys());
    if (close !== undefined && editDistance(variable, close) <= 2) {
      problems.push(configProblem('E_ENV_UNKNOWN', `there is no variable ${variable}. Did you mean ${close}?`));
    } else warnings.push(`${variable} is no variable of ours and has no effect`);
  }
  return { values, problems, warnings };
}
