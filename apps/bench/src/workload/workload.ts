/** The workloads by name. */
export const workloadNames: readonly string[] = ['put', 'mixed', 'read'];
