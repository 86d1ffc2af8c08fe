import { describe, expect, test } from 'vitest';
import { ConsensusError, consensusErrorCodes, failure, isFailure } from '../src/index.ts';

describe('errors', () => {
  test('an error prints its code and says what it may have done', () => {
    const error = new ConsensusError('E_NOT_LEADER', 'ask member 3', 'not-applied', 3);
    expect(`${error}`).toBe('ConsensusError: E_NOT_LEADER: ask member 3');
    expect([error.code, error.outcome, error.leaderHint]).toEqual(['E_NOT_LEADER', 'not-applied', 3]);
    expect(error).toBeInstanceOf(Error);
  });

  test('places of codes are wire numbers: they never move', () => {
    expect(consensusErrorCodes.indexOf('E_NOT_LEADER')).toBe(0);
    expect(consensusErrorCodes.indexOf('E_TIMEOUT')).toBe(5);
    expect(consensusErrorCodes.indexOf('E_UNAVAILABLE')).toBe(13);
    expect(consensusErrorCodes.indexOf('E_VERSION')).toBe(21);
    expect(new Set(consensusErrorCodes).size).toBe(consensusErrorCodes.length);
  });

  test('a failure is told apart from the other results of a callback', () => {
    expect(isFailure(failure('E_DATA_LOCKED', 'in use', 74))).toBe(true);
    for (const other of [undefined, null, 0, 'compacted', [], {}, { failure: false }, new Error('x')]) {
      expect(isFailure(other)).toBe(false);
    }
  });
});
