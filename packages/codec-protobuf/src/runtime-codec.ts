import {
  consensusErrorCodes,
  invariant,
  type ConsensusErrorCode,
  type MessageCodec,
  type RuntimeMessage,
} from '@quorate/interface';
import { readRuntimeHead, writeRuntimeHead, type RuntimeHead } from './generated/runtime.ts';
import { decodeWith } from './message-type.ts';
import { encodeWith } from './protobuf-writer.ts';

/** The heads of `runtime` frames, as in proto/runtime.proto. Words and error codes travel as small numbers; unknown ones are malformed. */
export const runtimeCodec: MessageCodec<RuntimeMessage> = {
  protocol: 'runtime',
  version: 1,
  encode: (message) => encodeWith(writeRuntimeHead, headOf(message)),
  decode(bytes) {
    const head = decodeWith(readRuntimeHead, bytes);
    return head === undefined ? undefined : messageOf(head);
  },
};

function headOf(message: RuntimeMessage): RuntimeHead {
  switch (message.kind) {
    case 'hello':
      return { ...message, role: message.role === 'member' ? 1 : 2 };
    case 'forward-refused':
    case 'session-opened':
      return { ...message, code: numberOf(message.code) };
    case 'client-queries': {
      const { kind, first, deadlineMs, lengths } = message;
      return { kind, consistency: message.consistency === 'linearizable' ? 1 : 2, first, deadlineMs, lengths };
    }
    case 'client-results': {
      const { kind, session, numbers, codes, lengths, leader } = message;
      return { kind, session, numbers, codes, lengths, leader, of: message.of === 'commands' ? 1 : 2 };
    }
    default:
      return message; // The same on both sides, and the types say so.
  }
}

function messageOf(head: RuntimeHead): RuntimeMessage | undefined {
  switch (head.kind) {
    case 'hello':
      return isOneOrTwo(head.role) ? { ...head, role: head.role === 1 ? 'member' : 'client' } : undefined;
    case 'forward-refused': {
      const code = nameOf(head.code);
      return code === undefined ? undefined : { ...head, code };
    }
    case 'session-opened':
      return head.code > consensusErrorCodes.length ? undefined : { ...head, code: nameOf(head.code) };
    case 'client-queries': {
      if (!isOneOrTwo(head.consistency)) return undefined;
      const { kind, first, deadlineMs, lengths } = head;
      return { kind, consistency: head.consistency === 1 ? 'linearizable' : 'local', first, deadlineMs, lengths };
    }
    case 'client-results': {
      const { kind, session, numbers, codes, lengths, leader } = head;
      const cut = numbers.length === codes.length && numbers.length === lengths.length;
      if (!cut || !isOneOrTwo(head.of)) return undefined;
      return { kind, session, numbers, codes, lengths, leader, of: head.of === 1 ? 'commands' : 'queries' };
    }
    default:
      return head; // The same on both sides, and the types say so.
  }
}

function isOneOrTwo(value: number): boolean {
  return value === 1 || value === 2;
}

function numberOf(code: ConsensusErrorCode | undefined): number {
  if (code === undefined) return 0;
  const place = consensusErrorCodes.indexOf(code);
  invariant(place >= 0, 'an error code without a number');
  return place + 1;
}

function nameOf(number: number): ConsensusErrorCode | undefined {
  return number === 0 ? undefined : consensusErrorCodes[number - 1];
}
