import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text that a mutation looks for is not there exactly once: the source has moved on, and the catalogue must follow. */
export class StaleMutation extends Error {
  constructor(mutation, count) {
    super(`stale mutation ${mutation.id}: ${mutation.file} holds its text ${count} times instead of once`);
    this.name = 'StaleMutation';
  }
}

/** The text with the mutation in it. Throws `StaleMutation`. */
export function mutate(text, mutation) {
  const count = text.split(mutation.find).length - 1;
  if (count !== 1) throw new StaleMutation(mutation, count);
  // A function, because a string would give `$&` a meaning.
  return text.replace(mutation.find, () => mutation.replace);
}

/** Writes a mutation into a tree and returns what takes it out again, to the byte. Throws `StaleMutation` and writes nothing then. */
export function plant(tree, mutation) {
  const path = join(tree, mutation.file);
  const original = readFileSync(path, 'utf8');
  writeFileSync(path, mutate(original, mutation));
  return () => writeFileSync(path, original);
}

/** The stale ones among the mutations, as lines to print. */
export function staleMutations(tree, mutations) {
  const stale = [];
  for (const mutation of mutations) {
    try {
      mutate(readFileSync(join(tree, mutation.file), 'utf8'), mutation);
    } catch (error) {
      if (!(error instanceof StaleMutation)) throw error;
      stale.push(error.message);
    }
  }
  return stale;
}
