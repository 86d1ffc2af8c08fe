/** Whether a result is what the catalogue promises: a mutation is killed, a null patch survives. */
export function isGood({ mutation, fate }) {
  return fate === (mutation.harmless ? 'survived' : 'killed');
}

/** The sum of a run. Times are those of the mutations that were killed; undefined where none was. */
export function scoreOf(results) {
  const real = results.filter(({ mutation }) => !mutation.harmless);
  const harmless = results.filter(({ mutation }) => mutation.harmless);
  const killed = real.filter(isGood).toSorted((a, b) => a.ms - b.ms);
  return {
    mutations: real.length,
    killed: killed.length,
    nullPatches: harmless.length,
    spared: harmless.filter(isGood).length,
    medianMs: median(killed.map(({ ms }) => ms)),
    worst: killed.at(-1),
    failures: results.filter((result) => !isGood(result)),
  };
}

/** The middle of rising numbers, or the mean of the two in the middle. */
export function median(rising) {
  if (rising.length === 0) return undefined;
  const middle = Math.floor(rising.length / 2);
  return rising.length % 2 === 1 ? rising[middle] : (rising[middle - 1] + rising[middle]) / 2;
}
