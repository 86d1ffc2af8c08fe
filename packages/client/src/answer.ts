import { at, consensusErrorCodes } from '@quorate/interface';
import type { ClientResults, ConsensusErrorCode, MemberId } from '@quorate/interface';

/** One answer of a member. `code` undefined: success. */
export interface Answer {
  readonly number: number;
  readonly code: ConsensusErrorCode | undefined;
  /** The member cannot say whether it took effect. */
  readonly unknown: boolean;
  readonly result: Uint8Array;
  readonly leader: MemberId | undefined;
}

const unknownBit = 128;

/** Cuts a frame of results apart; undefined where it is malformed. The results are views of `rest`. */
export function answersOf(message: ClientResults, rest: Uint8Array): readonly Answer[] | undefined {
  const { numbers, codes, lengths, leader } = message;
  if (numbers.length !== codes.length || numbers.length !== lengths.length) return undefined;
  const answers: Answer[] = [];
  let offset = 0;
  for (let place = 0; place < numbers.length; place++) {
    const outcome = decodeCode(at(codes, place));
    const end = offset + at(lengths, place);
    if (outcome === undefined || end > rest.length) return undefined;
    const { code, unknown } = outcome;
    answers.push({ number: at(numbers, place), code, unknown, result: rest.subarray(offset, end), leader });
    offset = end;
  }
  return offset === rest.length ? answers : undefined;
}

/** The code and outcome of a wire number of `ClientResults.codes`; undefined where it is out of range. */
function decodeCode(wire: number): { readonly code: ConsensusErrorCode | undefined; readonly unknown: boolean } | undefined {
  if (wire === 0) return { code: undefined, unknown: false };
  const unknown = wire >= unknownBit;
  const code = consensusErrorCodes[(unknown ? wire - unknownBit : wire) - 1];
  return code === undefined ? undefined : { code, unknown };
}

// What may be different at the next attempt, at this member or another one. The rest is the caller's to hear of.
const passing: ReadonlySet<ConsensusErrorCode> = new Set<ConsensusErrorCode>([
  'E_NOT_LEADER',
  'E_NOT_READY',
  'E_NO_LEADER',
  'E_OVERLOADED',
  'E_TRANSFERRING',
  'E_TIMEOUT',
  'E_LINK_LOST',
  'E_OUT_OF_SEQUENCE',
  'E_STOPPED',
  'E_ABORTED',
  'E_UNAVAILABLE',
]);

/** True where another attempt may succeed. */
export function isPassing(code: ConsensusErrorCode): boolean {
  return passing.has(code);
}
