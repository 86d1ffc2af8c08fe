import { expect, test } from 'vitest';
import { processSamples } from '../src/member-metrics.ts';
import { createMetrics } from '../src/metrics.ts';
import { nodeHost } from '../src/node-host.ts';

test('counters, histograms and readings in the Prometheus text format', () => {
  const metrics = createMetrics();
  metrics.counter('requests_total', 'Requests.', { method: 'put' }).add(2);
  metrics.counter('requests_total', 'Requests.', { method: 'put' }).add(1);
  metrics.counter('requests_total', 'Requests.', { method: 'a"b\\c\n' }).add(1);
  const seconds = metrics.histogram('seconds', 'Time.', { bounds: [0.1, 1], labels: { door: 'x' } });
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value);
  metrics.collect(() => [
    { kind: 'gauge', name: 'level', help: 'Level.', value: 4 },
    { kind: 'gauge', name: 'none', help: 'None.', value: Number.NaN },
  ]);
  expect(metrics.render()).toBe(
    [
      '# HELP requests_total Requests.',
      '# TYPE requests_total counter',
      'requests_total{method="put"} 3',
      'requests_total{method="a\\"b\\\\c\\n"} 1',
      '# HELP seconds Time.',
      '# TYPE seconds histogram',
      'seconds_bucket{door="x",le="0.1"} 2',
      'seconds_bucket{door="x",le="1"} 3',
      'seconds_bucket{door="x",le="+Inf"} 4',
      'seconds_sum{door="x"} 7.65',
      'seconds_count{door="x"} 4',
      '# HELP level Level.',
      '# TYPE level gauge',
      'level 4',
      '',
    ].join('\n'),
  );
});

test('the process tells memory and processor time', () => {
  const metrics = createMetrics();
  metrics.collect(processSamples(nodeHost()));
  const text = metrics.render();
  const bytes = Number(/^process_resident_memory_bytes (\d+)$/mu.exec(text)?.[1]);
  expect(bytes).toBeGreaterThan(1e6);
  expect(text).toMatch(/^process_cpu_seconds_total \d/mu);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /mu);
});
