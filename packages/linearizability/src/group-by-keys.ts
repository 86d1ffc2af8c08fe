import type { Operation } from './operation.ts';

/** Operations that are connected by the keys that they touch. */
export interface KeyGroup<I, O> {
  readonly keys: readonly string[];
  readonly operations: readonly Operation<I, O>[];
}

/**
 * Splits a history by keys. Keys that one operation touches together come into one group, and so do their groups: this is
 * what keeps transactions over several keys atomic. Groups and their operations keep the order of the history.
 */
export function groupByKeys<I, O>(
  history: readonly Operation<I, O>[],
  keysOf: (input: I) => readonly string[],
): readonly KeyGroup<I, O>[] {
  const parents = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let parent = parents.get(root); parent !== undefined && parent !== root; parent = parents.get(root)) root = parent;
    parents.set(key, root);
    return root;
  };
  const firstKeys = history.map(({ input }) => {
    const [first = '', ...others] = keysOf(input);
    const root = rootOf(first);
    for (const key of others) parents.set(rootOf(key), root);
    return first;
  });
  const groups = new Map<string, { keys: string[]; operations: Operation<I, O>[] }>();
  for (const [place, operation] of history.entries()) {
    const root = rootOf(firstKeys[place] as string);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, { keys: [], operations: [operation] });
    else group.operations.push(operation);
  }
  for (const key of parents.keys()) groups.get(rootOf(key))?.keys.push(key);
  return [...groups.values()];
}
