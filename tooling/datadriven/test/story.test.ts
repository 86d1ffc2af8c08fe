import { describe, expect, test } from 'vitest';
import { Story } from '../src/index.ts';
import { toyKinds } from './fixtures/toy-kinds.ts';

function started(network: string): Story<unknown> {
  const story = new Story<unknown>(toyKinds);
  story.tell(`add-nodes 3 ${network} sync=auto`, 'campaign 1', 'stabilize');
  return story;
}

describe('a story keeps what the members did', () => {
  test('messages with their entries, writes and applied entries, in order', () => {
    const story = started('fifo');
    const before = story.seen.length;
    story.tell('propose 1 x', 'stabilize');
    const seen = story.seen.slice(before);
    const place = (found: (one: (typeof seen)[number]) => boolean): number => seen.findIndex(found);
    const sent = place((one) => one.what === 'sent' && one.to === 2 && one.entries.some(({ text }) => text === 'x'));
    const delivered = place((one) => one.what === 'delivered' && one.to === 2 && one.entries.some(({ text }) => text === 'x'));
    const wrote = place((one) => one.what === 'wrote' && one.member === 2 && one.entries.some(({ text }) => text === 'x'));
    const applied = place((one) => one.what === 'applied' && one.member === 2 && one.text === 'x');
    expect(sent).toBeGreaterThanOrEqual(0);
    expect([sent, delivered, wrote, applied]).toEqual([sent, delivered, wrote, applied].toSorted((a, b) => a - b));
    expect(story.log(2).map(({ text }) => text)).toContain('x');
  });

  test('links that ended, and members that are down', () => {
    const story = started('fifo');
    story.tell('crash 3');
    expect(story.status(3)).toBeUndefined();
    const ends = story.seen.flatMap((one) => (one.what === 'link-ended' ? [one.ends.join('-')] : []));
    expect(ends).toEqual(['1-3', '2-3']);
  });

  test('single messages are lost, doubled and delivered in any order', () => {
    const story = started('datagram');
    story.tell('propose 1 x', 'propose 1 y');
    const to2 = story.underWay().filter(({ to }) => to === 2);
    const [first, second] = to2;
    if (first === undefined || second === undefined) throw new Error('the toy leader sends one message per command');
    story.duplicate(second);
    story.drop(first);
    story.deliver(second);
    expect(story.underWay().filter(({ to }) => to === 2)).toHaveLength(1);
    const delivered = story.seen.flatMap((one) =>
      one.what === 'delivered' && one.to === 2 ? [one.entries.map(({ text }) => text)] : [],
    );
    expect(delivered.at(-1)).toEqual(['y']);
  });

  test('a command that fails is named', () => {
    expect(() => started('fifo').tell('crash 9')).toThrow('crash 9: there is no node 9');
  });
});
