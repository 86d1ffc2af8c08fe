/** What a clean report does not say, because no plan asks it. Each of them falls with the work that makes it unnecessary. */
export const restrictions: readonly string[] = [
  'bit rot spares the last batch of a journal: its mark is not copied aside yet, so that rot and a torn write look alike',
  'a torn batch never keeps its mark, for the same reason',
  'damaged entries are not repaired from peers: a member with a damaged disk stays out, and a majority of whole disks is kept',
  'members join and leave in no plan: the configuration is the one that a cluster starts with',
  'commands without a session are not sent twice by clients: only sessions promise that a repeated command acts once',
];
