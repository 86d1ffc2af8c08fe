import type { WaitEdge, WaitGraph } from '@quorate/codec-protobuf/lock';
import type { LockTable } from './lock-table.ts';
import type { Lock } from './lock.ts';

/**
 * Who waits for whom: every waiter for every living holder of its lock, up to `limit` edges; and circles among them, each once. A
 * semaphore of several permits is in no circle, because one of its holders may be enough.
 */
export function waitGraph(table: LockTable, limit: number): WaitGraph {
  const edges: WaitEdge[] = [];
  const graph = new Map<number, Set<number>>();
  let more = false;
  for (const lock of table.all()) {
    for (const edge of edgesOf(lock)) {
      if (edges.length >= limit) {
        more = true;
        break;
      }
      edges.push(edge);
      if (lock.permits > 1) continue;
      const targets = graph.get(edge.waiter) ?? new Set();
      graph.set(edge.waiter, targets.add(edge.holder));
    }
    if (more) break;
  }
  return { kind: 'wait-graph', edges, circles: circlesOf(graph).map((sessions) => ({ sessions })), more };
}

function* edgesOf(lock: Lock): Iterable<WaitEdge> {
  for (const { session: waiter } of lock.waits) {
    for (const { session: holder, dead } of lock.holds) {
      // A session may wait for a second permit of its own semaphore.
      if (!dead && holder !== waiter) yield { waiter, holder, lock: lock.name };
    }
  }
}

/** A search in depth, without recursion; an edge back onto its path closes a circle. */
function circlesOf(graph: ReadonlyMap<number, ReadonlySet<number>>): number[][] {
  const circles: number[][] = [];
  const seen = new Set<number>();
  for (const start of graph.keys()) {
    if (seen.has(start)) continue;
    const path: number[] = [];
    const places = new Map<number, number>();
    const todo: Iterator<number>[] = [];
    const enter = (session: number): void => {
      seen.add(session);
      places.set(session, path.length);
      path.push(session);
      todo.push((graph.get(session) ?? new Set<number>()).values());
    };
    enter(start);
    for (let top = todo.at(-1); top !== undefined; top = todo.at(-1)) {
      const step = top.next();
      if (step.done === true) {
        todo.pop();
        places.delete(path.pop() as number);
        continue;
      }
      const place = places.get(step.value);
      if (place !== undefined) circles.push(path.slice(place));
      else if (!seen.has(step.value)) enter(step.value);
    }
  }
  return circles;
}
