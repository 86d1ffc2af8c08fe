import type { KvInput } from '@quorate/linearizability';

/**
 * Draws one operation. Single keys are `k0` … and are judged by search; transactions over several keys have keys `t0` … of their own, so
 * that they do not tie all keys of a history together. `value` is written by nobody else, so that a read names its write; `seen` is what
 * somebody read last.
 */
export function drawOperation(
  draw: (kind: number) => number,
  keys: number,
  now: { readonly value: string; readonly seen: (key: string) => string | null },
): KvInput {
  const { value, seen } = now;
  const key = `k${Math.floor(draw(0) * keys)}`;
  const dice = draw(1);
  if (dice < 0.35) return { op: 'get', key };
  if (dice < 0.65) return { op: 'put', key, value };
  if (dice < 0.72) return { op: 'delete', key };
  if (dice < 0.86) return { op: 'compare-and-set', key, expected: draw(6) < 0.2 ? null : seen(key), value };
  return drawTxn(draw, value);
}

function drawTxn(draw: (kind: number) => number, value: string): KvInput {
  const first = `t${Math.floor(draw(2) * 4)}`;
  const second = `t${Math.floor(draw(3) * 4)}`;
  if (draw(4) < 0.3)
    return {
      op: 'txn',
      compares: [],
      success: [
        { op: 'get', key: first },
        { op: 'get', key: second },
      ],
      failure: [],
    };
  const other = first === second ? 't9' : second;
  const compares = draw(5) < 0.5 ? ([{ key: first, is: 'equal', value: null }] as const) : [];
  const put = [
    { op: 'put', key: first, value },
    { op: 'put', key: other, value },
  ] as const;
  return {
    op: 'txn',
    compares,
    success: put,
    failure: [
      { op: 'delete', key: first },
      { op: 'put', key: other, value },
      { op: 'get', key: other },
    ],
  };
}
