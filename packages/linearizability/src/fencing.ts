/** An access that a fenced resource outside of the lock service accepted or rejected, in the order in which it decided. */
export interface FencedWrite {
  readonly client: string;
  readonly token: number;
  readonly accepted: boolean;
  /** True: under a shared lock or a permit, beside others of its kind. Default false: by an exclusive holder, who is alone. */
  readonly shared?: boolean;
}

/**
 * What is wrong with the decisions of a resource that is guarded by fencing tokens, one sentence each; none is what a lock
 * with rising tokens and a resource that rejects lower ones must show. Of exclusive holders accepted tokens are never below
 * any that was accepted before, of others never below an exclusive one; one token is of one client; and nothing else is
 * rejected. So nobody gets between two accesses of an exclusive holder.
 */
export function fencingProblems(writes: readonly FencedWrite[]): readonly string[] {
  const problems: string[] = [];
  const owners = new Map<number, string>();
  let highest = -Infinity;
  let highestExclusive = -Infinity;
  for (const [place, { client, token, accepted, shared = false }] of writes.entries()) {
    const what = `${shared ? 'access' : 'write'} ${place} of ${client} with token ${token}`;
    const bound = shared ? highestExclusive : highest;
    const owner = owners.get(token);
    if (owner === undefined) owners.set(token, client);
    else if (owner !== client) problems.push(`${what}: the token is ${owner}'s`);
    if (accepted && token < bound) problems.push(`${what} was accepted after token ${bound}`);
    if (!accepted && token >= bound) problems.push(`${what} was rejected, though no higher token was seen`);
    if (!accepted) continue;
    highest = Math.max(highest, token);
    if (!shared) highestExclusive = Math.max(highestExclusive, token);
  }
  return problems;
}
