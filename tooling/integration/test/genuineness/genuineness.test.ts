import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Protocol, protocols, subjects } from './cores.ts';
import type { Facts, Row } from './row.ts';
import { absent, rows } from './rows.ts';

const observed = new Map<string, Facts>();

/** A story tells the same every time: each is run once per core. */
function observe(core: Protocol, row: Row): Facts {
  const key = `${core} ${row.id}`;
  const facts = observed.get(key) ?? row.observe(subjects[core]);
  observed.set(key, facts);
  return facts;
}

for (const protocol of protocols) {
  describe(`${protocol} is unmistakably itself`, () => {
    for (const row of rows) {
      test(`${row.id}, ${row.differs}`, () => {
        expect(observe(protocol, row), `${row.id}: ${protocol}, ${row.differs}`).toEqual(row.expected[protocol]);
      });
    }
  });
}

test('O1 to O27 are all here, or have a reason to be absent', () => {
  const ids = [...rows, ...absent].map(({ id }) => id);
  expect(ids.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))).toEqual(
    Array.from({ length: 27 }, (_, place) => `O${place + 1}`),
  );
});

test.each(absent)('$id is absent because $because', ({ because }) => {
  expect(because).not.toBe('');
  // The day a core can, the row is due.
  for (const protocol of protocols) expect(subjects[protocol].abilities.reconfigure, protocol).toBe(false);
});

/** The rows in which a core does not show what the column of another protocol asks for. */
function caught(core: Protocol, column: Protocol): string[] {
  return rows.flatMap((row) => (isDeepStrictEqual(observe(core, row), row.expected[column]) ? [] : [row.id]));
}

// Each core's messages are read in its own vocabulary, so that no row fails here because of a name.
describe('a core that poses as another is caught', () => {
  test('Raft as Multi-Paxos', () => {
    const must = 'O1 O2 O3 O4 O5 O6 O7 O8 O10 O11 O12 O15 O19 O20 O21 O22 O23 O24'.split(' ');
    expect(caught('raft', 'multi-paxos')).toEqual(expect.arrayContaining(must));
  });

  test('Raft as ZAB', () => {
    const must = 'O1 O2 O6 O7 O8 O9 O12 O13 O14 O15 O16 O18 O19 O20 O21 O22 O25 O27'.split(' ');
    expect(caught('raft', 'zab')).toEqual(expect.arrayContaining(must));
  });

  test.each(['multi-paxos', 'zab'] as const)('%s as any other protocol, in more than a third of the rows', (core) => {
    for (const column of protocols) {
      if (column !== core) expect(caught(core, column).length, `${core} as ${column}`).toBeGreaterThan(rows.length / 3);
    }
  });

  test('every row tells at least two protocols apart', () => {
    for (const { id, expected } of rows)
      expect(new Set(protocols.map((protocol) => JSON.stringify(expected[protocol]))).size, id).toBeGreaterThan(1);
  });
});
