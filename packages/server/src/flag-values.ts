import { invariant } from '@quorate/interface';
import type { FlagDefinition, FlagValue } from './flag-table.ts';
import type { GivenFlag, GivenFlags } from './parse-flags.ts';
import { configProblem, usageProblem } from './problem.ts';
import type { Problem } from './problem.ts';

/** Flags after each was looked at alone. */
export interface FlagValues {
  readonly values: ReadonlyMap<string, FlagValue>;
  readonly problems: readonly Problem[];
}

/** Gives every flag of the table its value, the default where it was not given. A flag with a problem has its default. */
export function flagValues(table: readonly FlagDefinition[], given: GivenFlags): FlagValues {
  const values = new Map<string, FlagValue>();
  const problems: Problem[] = [];
  for (const flag of table) {
    const fallback = read(flag, flag.default);
    invariant(fallback !== undefined, () => `the default of --${flag.name} is not allowed by its own definition`);
    values.set(flag.name, fallback);
    const found = given.values.get(flag.name);
    if (found === undefined) continue;
    const value = read(flag, found.text);
    if (value === undefined) problems.push(wrongValue(flag, found));
    else values.set(flag.name, value);
  }
  return { values, problems };
}

function read(flag: FlagDefinition, text: string): FlagValue | undefined {
  switch (flag.kind) {
    case 'list':
      return text === '' ? [] : text.split(',').map((part) => part.trim());
    case 'switch':
      return text === 'true' || text === 'false' ? text === 'true' : undefined;
    case 'choice':
      return flag.choices?.includes(text) === true ? text : undefined;
    case 'integer': {
      const value = /^-?\d{1,16}$/u.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : Number.NaN;
      return value >= (flag.min ?? -Infinity) && value <= (flag.max ?? Infinity) ? value : undefined;
    }
    default:
      return text;
  }
}

function wrongValue(flag: FlagDefinition, { text, source, fromEnvironment }: GivenFlag): Problem {
  const got = JSON.stringify(text);
  if (flag.kind === 'choice') {
    const code = flag.name === 'protocol' ? 'E_PROTOCOL' : flag.name === 'transport' ? 'E_TRANSPORT' : 'E_FLAG_VALUE';
    return configProblem(code, `${source} is ${got}, allowed: ${flag.choices?.join(', ')}. Choose one of them.`);
  }
  if (flag.kind === 'integer' && /^-?\d+$/u.test(text)) {
    const range = `${flag.min ?? '-∞'} to ${flag.max ?? '∞'}`;
    return configProblem('E_FLAG_RANGE', `${source} is ${text}, allowed: ${range}. Choose a value in between.`);
  }
  const allowed = flag.kind === 'switch' ? 'true or false' : 'an integer';
  const wrong = `${source} is ${got}, allowed: ${allowed}. Correct it.`;
  return fromEnvironment ? configProblem('E_FLAG_VALUE', wrong) : usageProblem('E_FLAG_VALUE', wrong);
}
