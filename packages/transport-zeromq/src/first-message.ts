import { encodeText, type Crc32 } from '@quorate/interface';
import { frameKinds, maxHelloBytes, readU32 } from '@quorate/links';
import { frameHeadBytes, headBytes, positionAt } from './frame-format.ts';
import { layOut, readHead, startProblem, type MessageTools } from './message.ts';

const maxBytes = headBytes + frameHeadBytes + maxHelloBytes;

/**
 * What is wrong with a message of a connection whose link is over at this end: it was under way when the link ended, or the other
 * end has slept. Not worth a line in this end's log.
 */
export const linkIsOver = 'E_LINK_OVER: the link of this connection has ended at the other end. The link starts anew.';

/** What keeps the first message of a connection from being a hello, as `E_NAME: text`, or undefined. Reads no more than a hello's bytes. */
export function firstProblem(message: Uint8Array, crc32: Crc32): string | undefined {
  if (message.length > maxBytes) return startProblem(message) ?? (isFirst(message) ? sizeError(message.length) : linkIsOver);
  const head = readHead(message, crc32);
  if (typeof head === 'string') return head;
  if (head.position !== 0) return linkIsOver;
  const kind = message[headBytes];
  if (kind !== frameKinds.hello) {
    return `E_FRAME_KIND: a connection begins with a hello (kind, got=${kind ?? 'nothing'}, allowed=${frameKinds.hello}). The link starts anew.`;
  }
  const length = message.length < headBytes + frameHeadBytes ? 0 : readU32(message, headBytes + 1);
  return length > 0 && length <= maxHelloBytes ? undefined : sizeError(length);
}

/**
 * What a stranger of our own kind is told, since its connection cannot be cut from here: it cuts it, and says why in its own log.
 * Undefined for what is not of our kind.
 */
export function refusalTo(problem: string, tools: MessageTools): Uint8Array | undefined {
  if (problem.startsWith('E_PROTO_MAGIC')) return undefined;
  const text = encodeText(problem);
  const frame = { kind: frameKinds.refusal, chunks: [text], length: text.length };
  return layOut([frame], { position: 0, acknowledged: 0 }, tools);
}

/** What a message says of itself, before its checksum was looked at. */
function isFirst(message: Uint8Array): boolean {
  return readU32(message, positionAt) === 0;
}

function sizeError(got: number): string {
  return `E_FRAME_SIZE: the length of a hello is out of range (got=${got}, allowed=1 to ${maxHelloBytes}). Check what is at the other end.`;
}
