import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MvccStore } from '../src/store/mvcc-store.ts';

const keys = 12;

// Long and short ones; all but the last bytes are equal, as under one prefix.
function writeKey(target: Uint8Array, number: number): Uint8Array {
  const key = target.subarray(0, number % 2 === 0 ? 300 : 30 + (number % 3));
  key.fill(0x6b);
  key[29] = number;
  return key;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

test('keys outlive the commands that brought them, the versions that went and the moves of their records', () => {
  const step = fc.record({
    key: fc.nat(keys - 1),
    what: fc.constantFrom('put', 'put', 'put', 'delete', 'compact'),
    valueBytes: fc.constantFrom(0, 10, 3000, 9000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 250, size: 'max' }), (steps) => {
      const store = new MvccStore();
      const command = new Uint8Array(310);
      for (const { key, what, valueBytes } of steps) {
        if (what === 'compact') {
          if (store.revision > store.compacted) store.compact(store.revision);
        } else {
          store.begin();
          const history = store.tree.find(writeKey(command, key));
          if (what === 'put') store.put(writeKey(command, key), new Uint8Array(valueBytes));
          else if (history?.current() !== undefined) store.delete(history);
          store.commit();
        }
        // Whoever sent the command uses its memory again.
        command.fill(0);
      }
      store.tree.scan(new Uint8Array(0), undefined, (history) => {
        expect(textOf(history.key)).toBe(textOf(writeKey(command, history.key.at(29) ?? 0)));
        // A long one takes no memory beside the record of a version that is kept.
        if (history.key.length > 64) expect(history.key.buffer).toBe(history.at(0).chunk.bytes.buffer);
        expect(history.at(0).kept).toBe(true);
        return true;
      });
      for (let number = 0; number < keys; number++) {
        const found = store.tree.find(writeKey(command, number));
        if (found !== undefined) expect(textOf(found.key)).toBe(textOf(command.subarray(0, found.key.length)));
      }
    }),
  );
});
