import { describe, expect, test } from 'vitest';
import { fencingProblems } from '../src/index.ts';

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
