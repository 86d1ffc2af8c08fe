/** The smallest number of `members` that is more than half of them. */
export function majorityOf(members: number): number {
  return Math.floor(members / 2) + 1;
}
