import type { Counter, Metrics } from '@quorate/server';

/** Counts answers by route and status. Paths that do not exist share one series, so that clients cannot make more. */
export function requestMetrics(metrics: Pick<Metrics, 'counter'>): (id: string, status: number) => void {
  const counters = new Map<string, Map<number, Counter>>();
  return (id, status) => {
    let byStatus = counters.get(id);
    if (byStatus === undefined) counters.set(id, (byStatus = new Map()));
    let counter = byStatus.get(status);
    if (counter === undefined) {
      const labels = { route: id, status: String(status) };
      counter = metrics.counter('quorate_lock_requests_total', 'HTTP requests answered.', labels);
      byStatus.set(status, counter);
    }
    counter.add(1);
  };
}
