import { describe, expect, test } from 'vitest';
import { fencingProblems, type FencedWrite } from '../src/index.ts';

describe('a fenced resource', () => {
  test('accepts rising tokens, equal ones of one client, and rejects lower ones', () => {
    const writes = [
      { client: 'a', token: 1, accepted: true },
      { client: 'a', token: 1, accepted: true },
      { client: 'b', token: 4, accepted: true },
      { client: 'a', token: 1, accepted: false },
    ];
    expect(fencingProblems(writes)).toEqual([]);
  });

  test.each([
    {
      what: 'a lower token that was accepted',
      writes: [
        { client: 'b', token: 4, accepted: true },
        { client: 'a', token: 1, accepted: true },
      ],
      problems: ['write 1 of a with token 1 was accepted after token 4'],
    },
    {
      what: 'one token of two clients',
      writes: [
        { client: 'a', token: 4, accepted: true },
        { client: 'b', token: 4, accepted: true },
      ],
      problems: ["write 1 of b with token 4: the token is a's"],
    },
    {
      what: 'a holder that was rejected',
      writes: [
        { client: 'a', token: 4, accepted: true },
        { client: 'b', token: 5, accepted: false },
      ],
      problems: ['write 1 of b with token 5 was rejected, though no higher token was seen'],
    },
  ])('is reported for $what', ({ writes, problems }) => {
    expect(fencingProblems(writes)).toEqual(problems);
  });
});

describe('readers', () => {
  const access = (client: string, token: number, accepted = true): FencedWrite => ({ client, token, accepted, shared: true });
  const write = (client: string, token: number, accepted = true): FencedWrite => ({ client, token, accepted });

  test('come in any order among themselves, and after a writer only with a higher token', () => {
    expect(fencingProblems([access('b', 2), access('a', 1), write('c', 3), access('b', 2, false), access('d', 4)])).toEqual([]);
    expect(fencingProblems([write('c', 3), access('b', 2)])).toEqual(['access 1 of b with token 2 was accepted after token 3']);
  });

  test('keep out the writer before them: nobody gets between two accesses of an exclusive holder', () => {
    expect(fencingProblems([write('a', 1), access('b', 2), write('a', 1)])).toEqual([
      'write 2 of a with token 1 was accepted after token 2',
    ]);
  });

  test('are not rejected for the token of another reader', () => {
    expect(fencingProblems([access('b', 2), access('a', 1, false)])).toEqual([
      'access 1 of a with token 1 was rejected, though no higher token was seen',
    ]);
  });
});
