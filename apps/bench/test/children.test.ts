import { expect, it } from 'vitest';
import { Children, Interrupted } from '../src/measure/children.ts';

/** Something that counts how often it was closed. */
function closable(): { closed: number; close(): Promise<void> } {
  return {
    closed: 0,
    close() {
      this.closed++;
      return Promise.resolve();
    },
  };
}

it('what was started is closed, also where the work with it fails', async () => {
  const children = new Children();
  const one = closable();
  expect(
    await children.using(
      () => one,
      () => Promise.resolve(7),
    ),
  ).toBe(7);
  expect(one.closed).toBe(1);
  const other = closable();
  const failing = children.using(
    () => other,
    () => Promise.reject(new Error('broken')),
  );
  await expect(failing).rejects.toThrow('broken');
  expect(other.closed).toBe(1);
});

it('an interrupt closes what is open, and is the reason of whatever fails because of it', async () => {
  const children = new Children();
  const one = closable();
  const running = children.using(
    () => one,
    () => {
      children.interrupt();
      expect(one.closed).toBe(1);
      return Promise.reject(new Error('it ended'));
    },
  );
  await expect(running).rejects.toThrow(Interrupted);
});

it('an interrupt while something starts is no failure of that, and nothing starts afterwards', async () => {
  const children = new Children();
  const starting = children.using(
    () => {
      children.interrupt();
      return Promise.reject<ReturnType<typeof closable>>(new Error('ended before it was healthy'));
    },
    () => Promise.resolve(),
  );
  await expect(starting).rejects.toThrow(Interrupted);
  let started = false;
  const late = children.using(
    () => {
      started = true;
      return closable();
    },
    () => Promise.resolve(),
  );
  await expect(late).rejects.toThrow(Interrupted);
  expect(started).toBe(false);
});
