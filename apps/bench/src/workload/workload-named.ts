import { lockWorkload } from './lock-workload.ts';
import { storeWorkload } from './store-workload.ts';
import { serviceOf } from './workload.ts';
import type { Workload, WorkloadSizes } from './workload.ts';

/** A workload of either service by its name. */
export function workloadNamed(name: string, sizes: WorkloadSizes): Workload {
  return serviceOf(name) === 'lock' ? lockWorkload(name, sizes) : storeWorkload(name, sizes);
}
