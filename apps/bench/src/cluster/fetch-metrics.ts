import { request } from 'node:http';
import { parseMetrics } from './metrics-page.ts';
import type { MetricLine } from './metrics-page.ts';

const withinMs = 5000;

/** Reads `/metrics` of a member. Rejects where it does not answer within five seconds. */
export function fetchMetrics(endpoint: string): Promise<readonly MetricLine[]> {
  return new Promise((resolve, reject) => {
    const query = request(new URL('/metrics', endpoint), { agent: false, timeout: withinMs }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(parseMetrics(text));
        else reject(new Error(`${endpoint}/metrics answers with ${response.statusCode}`));
      });
    });
    query.once('timeout', () => query.destroy(new Error(`${endpoint}/metrics does not answer within ${withinMs} ms`)));
    query.once('error', reject);
    query.end();
  });
}
