import {
  consensusErrorCodes,
  invariant,
  type ConsensusErrorCode,
  type MessageCodec,
  type RuntimeMessage,
} from '@quorate/interface';
import {
  readClientCommandsHead,
  readClientQueriesHead,
  readClientResultsHead,
  readForwardHead,
  readForwardRefusedHead,
  readHelloHead,
  readSessionOpenedHead,
  readSessionOpenHead,
  readSnapshotChunkHead,
  readSnapshotReadHead,
  writeClientCommandsHead,
  writeClientQueriesHead,
  writeClientResultsHead,
  writeForwardHead,
  writeForwardRefusedHead,
  writeHelloHead,
  writeSessionOpenedHead,
  writeSessionOpenHead,
  writeSnapshotChunkHead,
  writeSnapshotReadHead,
} from './generated/runtime.ts';
import { decodeWith } from './message-type.ts';
import type { ProtobufReader } from './protobuf-reader.ts';
import { encodeWith, type ProtobufWriter } from './protobuf-writer.ts';

/** The heads of `runtime` frames, as in proto/runtime.proto. */
export const runtimeCodec: MessageCodec<RuntimeMessage> = {
  protocol: 'runtime',
  version: 1,
  encode: (message) => encodeWith(writeRuntime, message),
  decode: (head) => decodeWith(readRuntime, head),
};

// RuntimeHead is a oneof, so a head is one field: its tag picks the message, without an object of ten members around it.
const tags = {
  hello: 10,
  forward: 18,
  forwardRefused: 26,
  snapshotRead: 34,
  snapshotChunk: 42,
  sessionOpen: 50,
  sessionOpened: 58,
  clientCommands: 66,
  clientQueries: 74,
  clientResults: 82,
} as const;

function writeRuntime(message: RuntimeMessage, writer: ProtobufWriter): void {
  switch (message.kind) {
    case 'hello':
      writeHelloHead({ ...message, role: message.role === 'member' ? 1 : 2 }, writer.uint32(tags.hello).fork());
      break;
    case 'forward':
      writeForwardHead(message, writer.uint32(tags.forward).fork());
      break;
    case 'forward-refused':
      writeForwardRefusedHead({ ...message, code: numberOf(message.code) }, writer.uint32(tags.forwardRefused).fork());
      break;
    case 'snapshot-read':
      writeSnapshotReadHead(message, writer.uint32(tags.snapshotRead).fork());
      break;
    case 'snapshot-chunk':
      writeSnapshotChunkHead(message, writer.uint32(tags.snapshotChunk).fork());
      break;
    case 'session-open':
      writeSessionOpenHead(message, writer.uint32(tags.sessionOpen).fork());
      break;
    case 'session-opened':
      writeSessionOpenedHead({ ...message, code: numberOf(message.code) }, writer.uint32(tags.sessionOpened).fork());
      break;
    default:
      writeClientMessage(message, writer);
  }
  writer.ldelim();
}

type ClientMessage = Extract<RuntimeMessage, { kind: 'client-commands' | 'client-queries' | 'client-results' }>;

function writeClientMessage(message: ClientMessage, writer: ProtobufWriter): void {
  switch (message.kind) {
    case 'client-commands':
      writeClientCommandsHead(message, writer.uint32(tags.clientCommands).fork());
      break;
    case 'client-queries': {
      const consistency = message.consistency === 'linearizable' ? 1 : 2;
      const { first, deadlineMs, lengths } = message;
      writeClientQueriesHead({ consistency, first, deadlineMs, lengths }, writer.uint32(tags.clientQueries).fork());
      break;
    }
    case 'client-results': {
      const { session, numbers, codes, lengths, leader } = message;
      const of = message.of === 'commands' ? 1 : 2;
      writeClientResultsHead({ session, numbers, codes, lengths, leader, of }, writer.uint32(tags.clientResults).fork());
    }
  }
}

function readRuntime(reader: ProtobufReader, end: number): RuntimeMessage | undefined {
  const tag = reader.tag();
  const inner = reader.beginMessage();
  const message = tag <= tags.sessionOpened ? readMemberMessage(tag, reader, inner) : readClientMessage(tag, reader, inner);
  // Exactly one message, and nothing behind it.
  return reader.pos === end ? message : undefined;
}

function readMemberMessage(tag: number, reader: ProtobufReader, end: number): RuntimeMessage | undefined {
  switch (tag) {
    case tags.hello: {
      const head = readHelloHead(reader, end);
      if (head.role !== 1 && head.role !== 2) return undefined;
      return { kind: 'hello', ...head, role: head.role === 1 ? 'member' : 'client' };
    }
    case tags.forward: {
      const { token, lengths } = readForwardHead(reader, end);
      return { kind: 'forward', token, lengths };
    }
    case tags.forwardRefused: {
      const { token, code, leader } = readForwardRefusedHead(reader, end);
      const name = nameOf(code);
      return name === undefined ? undefined : { kind: 'forward-refused', token, code: name, leader };
    }
    case tags.snapshotRead:
      return { kind: 'snapshot-read', ...readSnapshotReadHead(reader, end) };
    case tags.snapshotChunk:
      return { kind: 'snapshot-chunk', ...readSnapshotChunkHead(reader, end) };
    case tags.sessionOpen:
      return { kind: 'session-open', ...readSessionOpenHead(reader, end) };
    case tags.sessionOpened: {
      const { request, session, code } = readSessionOpenedHead(reader, end);
      if (code > consensusErrorCodes.length) return undefined;
      return { kind: 'session-opened', request, session, code: nameOf(code) };
    }
    default:
      return undefined;
  }
}

function readClientMessage(tag: number, reader: ProtobufReader, end: number): RuntimeMessage | undefined {
  switch (tag) {
    case tags.clientCommands: {
      const { session, first, lowestUnanswered, deadlineMs, lengths } = readClientCommandsHead(reader, end);
      return { kind: 'client-commands', session, first, lowestUnanswered, deadlineMs, lengths };
    }
    case tags.clientQueries: {
      const { consistency, first, deadlineMs, lengths } = readClientQueriesHead(reader, end);
      if (consistency !== 1 && consistency !== 2) return undefined;
      return { kind: 'client-queries', consistency: consistency === 1 ? 'linearizable' : 'local', first, deadlineMs, lengths };
    }
    case tags.clientResults: {
      const { session, numbers, codes, lengths, leader, of } = readClientResultsHead(reader, end);
      if (of !== 1 && of !== 2) return undefined;
      if (numbers.length !== codes.length || numbers.length !== lengths.length) return undefined;
      return { kind: 'client-results', session, numbers, codes, lengths, leader, of: of === 1 ? 'commands' : 'queries' };
    }
    default:
      return undefined;
  }
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
