import type { Lane } from '@quorate/interface';
import { array, check, constantFrom, nat, oneof, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Outbox } from '../src/outbox.ts';

function collect(boundBytes = 1000): { sent: string[]; overflows: number[]; outbox: Outbox } {
  const sent: string[] = [];
  const overflows: number[] = [];
  const outbox = new Outbox(
    {
      send: (link, lane, chunks) => void sent.push(`${link} ${lane} ${chunks[0]?.join('') ?? ''}`),
      overflow: (link) => void overflows.push(link),
    },
    boundBytes,
  );
  return { sent, overflows, outbox };
}

const frame = (n: number): Uint8Array[] => [Uint8Array.of(n)];

describe('the gates of sends', () => {
  test('a closed gate holds back what is behind it in its lane, and nothing else', () => {
    const { sent, outbox } = collect();
    outbox.send(1, 'log', 0, frame(1));
    outbox.send(1, 'log', 2, frame(2));
    outbox.send(1, 'log', 0, frame(3));
    outbox.send(1, 'control', 0, frame(4));
    outbox.send(2, 'log', 0, frame(5));
    expect(sent).toEqual(['1 log 1', '1 control 4', '2 log 5']);
    outbox.release(1);
    expect(sent).toHaveLength(3);
    outbox.release(2);
    expect(sent.slice(3)).toEqual(['1 log 2', '1 log 3']);
  });

  test('a link that ended drops what it held', () => {
    const { sent, outbox } = collect();
    outbox.send(1, 'log', 1, frame(1));
    outbox.send(2, 'log', 1, frame(2));
    outbox.drop(1);
    outbox.release(1);
    expect(sent).toEqual(['2 log 2']);
    expect(outbox.gatedBytes(1)).toBe(0);
  });

  test('more than the bound on one link is reported', () => {
    const { overflows, outbox } = collect(10);
    for (let i = 0; i < 6; i++) outbox.send(1, i % 2 === 0 ? 'log' : 'bulk', 1, [new Uint8Array(2)]);
    expect(overflows).toEqual([1]);
  });

  test('agrees with one list per lane that is looked through from the front', () => {
    const send = record({ link: nat(2), lane: constantFrom<Lane>('log', 'control', 'bulk'), gate: nat(6) });
    const steps = array(oneof(send, record({ durable: nat(6) })), { maxLength: 60 });
    const result = check(
      property(steps, (script) => {
        const { sent, outbox } = collect(1e9);
        const naive = new Map<string, { gate: number; text: string }[]>();
        const expected = new Map<string, string[]>();
        let durable = 0;
        script.forEach((step, n) => {
          if ('durable' in step) {
            durable = Math.max(durable, step.durable);
            outbox.release(durable);
          } else {
            const key = `${step.link} ${step.lane}`;
            outbox.send(step.link, step.lane, step.gate, frame(n));
            naive.set(key, [...(naive.get(key) ?? []), { gate: step.gate, text: `${key} ${n}` }]);
          }
          for (const [key, list] of naive) {
            while (list[0] !== undefined && list[0].gate <= durable) {
              expected.set(key, [...(expected.get(key) ?? []), (list.shift() as { text: string }).text]);
            }
          }
          for (const [key, texts] of expected) expect(sent.filter((text) => text.startsWith(`${key} `))).toEqual(texts);
        });
      }),
    );
    expect(result.failed).toBe(false);
  });
});
