/** A write that a fenced resource outside of the lock service accepted or rejected, in the order in which it decided. */
export interface FencedWrite {
  readonly client: string;
  readonly token: number;
  readonly accepted: boolean;
}

/**
 * What is wrong with the decisions of a resource that is guarded by fencing tokens, one sentence each; none is what a lock
 * with rising tokens and a resource that rejects lower ones must show. Accepted tokens never fall, one token is of one
 * client, so that critical sections do not interleave, and nothing is rejected that had the highest token so far.
 */
export function fencingProblems(writes: readonly FencedWrite[]): readonly string[] {
  const problems: string[] = [];
  const owners = new Map<number, string>();
  let highest = -Infinity;
  for (const [place, { client, token, accepted }] of writes.entries()) {
    const what = `write ${place} of ${client} with token ${token}`;
    const owner = owners.get(token);
    if (owner === undefined) owners.set(token, client);
    else if (owner !== client) problems.push(`${what}: the token is ${owner}'s`);
    if (accepted && token < highest) problems.push(`${what} was accepted after token ${highest}`);
    if (!accepted && token >= highest) problems.push(`${what} was rejected, though no higher token was seen`);
    if (accepted) highest = Math.max(highest, token);
  }
  return problems;
}
