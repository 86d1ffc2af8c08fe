import type { Counter, Metrics } from '@quorate/server';
import { routes } from './routes.ts';

/** Counts calls by method and code. Methods that do not exist share one series, so that clients cannot make more. */
export function callMetrics(metrics: Pick<Metrics, 'counter'>): (path: string, code: number) => void {
  const counters = new Map<string, Counter[]>();
  return (path, code) => {
    const method = routes.has(path) ? path : 'unknown';
    let byCode = counters.get(method);
    if (byCode === undefined) counters.set(method, (byCode = []));
    const counter = (byCode[code] ??= metrics.counter('quorate_grpc_calls_total', 'gRPC calls answered.', {
      method,
      code: String(code),
    }));
    counter.add(1);
  };
}
