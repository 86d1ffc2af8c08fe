import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export const usage = `pnpm mutate [flags]: plants small known bugs, one at a time, in a copy of the tree, and demands that the tests find each.

  --only ID[,ID…]     these mutations only
  --area NAME[,…]     the mutations of these files of the catalogue only
  --jobs N            copies that work at the same time (default: the number of processors)
  --limit SECONDS     for one run of one suite (default 60)
  --list              prints the catalogue and ends
  --check             looks for stale mutations and ends: takes no time
  --json FILE         writes every result
  --help              prints this

Exit code 1: a mutation survived, is stale or does not load, or a null patch was killed. 64: wrong usage.`;

/** The person at the keyboard can mend this. */
export class UsageError extends Error {}

/** The flags as an object. Throws `UsageError`. */
export function parseOptions(args) {
  const { only, area, jobs, limit, list, check, json, help } = parseFlags(args);
  return {
    only: listOf(only),
    areas: listOf(area),
    jobs: jobs === undefined ? availableParallelism() : wholeNumber('--jobs', jobs),
    limitMs: limit === undefined ? 60_000 : wholeNumber('--limit', limit) * 1000,
    list: list === true,
    check: check === true,
    json,
    help: help === true,
  };
}

function parseFlags(args) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  const options = { only: text, area: text, jobs: text, limit: text, json: text, list: flag, check: flag, help: flag };
  try {
    // pnpm hands a `--` on.
    return parseArgs({ args: args.filter((arg) => arg !== '--'), options }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function listOf(value) {
  return value === undefined ? [] : value.split(',').filter((part) => part !== '');
}

function wholeNumber(name, value) {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new UsageError(`${name} must be a whole number of at least 1 (got=${value})`);
}

/** What was asked for and is not there. */
export function checkChoice({ only, areas }, mutations) {
  const unknownIds = only.filter((id) => !mutations.some((mutation) => mutation.id === id));
  const unknownAreas = areas.filter((area) => !mutations.some((mutation) => mutation.area === area));
  if (unknownIds.length > 0) throw new UsageError(`there is no mutation called ${unknownIds.join(', ')}; --list shows them`);
  if (unknownAreas.length > 0) throw new UsageError(`there is no area called ${unknownAreas.join(', ')}; --list shows them`);
}
