/** What one numeric option may be: a finite number from `least` (or above it, where `open`) to `most`. */
export interface NumberRange {
  readonly least: number;
  readonly most: number;
  readonly open?: boolean;
  readonly whole?: boolean;
}

/** A time that may pass: above 0, up to a day. */
export const timeRange: NumberRange = { least: 0, open: true, most: 86_400_000 };

/** How many samples are remembered. */
export const windowRange: NumberRange = { least: 1, most: 100_000, whole: true };

/** Throws one `RangeError` (`E_USAGE`) that names every unknown option, every number outside of its range, and what else is given. */
export function checkOptions(
  strategy: string,
  options: object,
  ranges: Readonly<Record<string, NumberRange>>,
  others: Readonly<Record<string, readonly unknown[]>> = {},
): void {
  const allowed = [...Object.keys(ranges), ...Object.keys(others)];
  const problems = Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    const range = ranges[name];
    if (range !== undefined) return isWithin(value, range) ? [] : [`${name} is ${String(value)} (allowed: ${describe(range)})`];
    const choices = others[name];
    if (choices === undefined) return [`unknown option ${name} (allowed: ${allowed.join(', ')})`];
    return choices.includes(value) ? [] : [`${name} is ${String(value)} (allowed: ${choices.join(', ')})`];
  });
  if (problems.length > 0)
    throw new RangeError(`E_USAGE: ${strategy} options: ${problems.join('; ')}. Correct them and start again.`);
}

function isWithin(value: unknown, { least, most, open = false, whole = false }: NumberRange): boolean {
  if (typeof value !== 'number' || value > most) return false;
  return (open ? value > least : value >= least) && (!whole || Number.isInteger(value));
}

function describe({ least, most, open = false, whole = false }: NumberRange): string {
  return `${whole ? 'whole, ' : ''}${open ? `above ${least}` : `from ${least}`}, up to ${most}`;
}
