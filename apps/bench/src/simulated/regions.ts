/** Members of a cluster that spans the world, one in each region. */
export interface Regions {
  /** Where the figures come from. */
  readonly source: string;
  readonly names: readonly string[];
  /** Symmetric, milliseconds; rows and columns in the order of `names`. */
  readonly roundTripsMs: readonly (readonly number[])[];
}

/** Five regions of one cloud on four continents: near and far neighbours, and no two placements of a leader that are alike. */
export const fiveRegions: Regions = {
  source: 'public inter-region round-trip times, 2017',
  names: ['Virginia', 'Oregon', 'Ireland', 'Tokyo', 'São Paulo'],
  roundTripsMs: [
    [0, 87, 81, 145, 120],
    [87, 0, 137, 89, 183],
    [81, 137, 0, 212, 191],
    [145, 89, 212, 0, 257],
    [120, 183, 191, 257, 0],
  ],
};

/**
 * What a client in `client` should wait for a write while `leader` leads and `writeQuorum` members, the leader among them, have to hold it:
 * to the leader and back, and meanwhile from the leader to the farthest member that is needed, and back.
 */
export function expectedLatencyMs({ roundTripsMs }: Regions, client: number, leader: number, writeQuorum: number): number {
  const fromLeader = (roundTripsMs[leader] ?? []).filter((_, place) => place !== leader).toSorted((a, b) => a - b);
  return (roundTripsMs[client]?.[leader] ?? 0) + (fromLeader[writeQuorum - 2] ?? 0);
}
