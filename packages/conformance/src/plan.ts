import type { ConformanceCase, Manifest } from './conformance-case.ts';

/** A case in front of one implementation. */
export interface PlannedCase {
  /** The name of the case; where it is skipped, with the reason behind it. */
  readonly title: string;
  readonly skipped: boolean;
  readonly run: () => Promise<void>;
}

/**
 * Decides by the manifest which cases an implementation must pass. A case is skipped only where the manifest gives a reason for a
 * capability that it needs. Throws a `RangeError` where the manifest does not speak of a capability or gives an empty reason, and
 * where two cases have one name: such a plan would hide something.
 */
export function plan<C extends string>(cases: readonly ConformanceCase<C>[], manifest: Manifest<C>): readonly PlannedCase[] {
  const names = new Set<string>();
  for (const [capability, answer] of Object.entries<true | string>(manifest))
    if (answer !== true && answer.trim() === '')
      throw new RangeError(`the manifest gives no reason for the lack of ${capability}`);
  return cases.map(({ name, needs, run }) => {
    if (names.has(name)) throw new RangeError(`two cases have the name "${name}"`);
    names.add(name);
    const reasons: string[] = [];
    for (const capability of needs) {
      const answer: true | string | undefined = manifest[capability];
      if (answer === undefined) throw new RangeError(`the manifest does not say anything about ${capability}`);
      if (answer !== true) reasons.push(`without ${capability}: ${answer}`);
    }
    const skipped = reasons.length > 0;
    return { title: skipped ? `${name} (${reasons.join('; ')})` : name, skipped, run };
  });
}
