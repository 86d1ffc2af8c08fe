import { putResultBody, type OpResult } from './op-result.ts';
import { Status } from './status.ts';

/** Bytes before the body of a reply: one of status, eight of revision, big-endian. */
export const replyHeadBytes = 9;

// Larger answers are refused: one buffer must hold them. etcd's own limit is 2 GiB.
const maxAnswerBytes = 512 * 1024 * 1024;

/** A reply: status, revision, and the response of etcd's API without its header, which the edge puts in front. */
export function encodeReply(status: Status, revision: number, result?: OpResult): Uint8Array {
  if (result !== undefined && result.bytes > maxAnswerBytes) return encodeReply(Status.answerTooLarge, revision);
  const reply = new Uint8Array(replyHeadBytes + (result === undefined ? 0 : result.bytes));
  putReplyHead(reply, status, revision);
  if (result !== undefined) putResultBody(reply, replyHeadBytes, result);
  return reply;
}

/** A reply whose body is already encoded. */
export function encodeReplyBody(revision: number, body: Uint8Array): Uint8Array {
  const reply = new Uint8Array(replyHeadBytes + body.length);
  putReplyHead(reply, Status.ok, revision);
  reply.set(body, replyHeadBytes);
  return reply;
}

/** The status of a reply; a reply that is too short to be one is malformed. */
export function replyStatus(reply: Uint8Array): Status {
  return reply.length < replyHeadBytes ? Status.malformed : (reply[0] as Status);
}

/** The revision that a reply names. */
export function replyRevision(reply: Uint8Array): number {
  let revision = 0;
  for (let i = 1; i < replyHeadBytes; i++) revision = revision * 256 + (reply[i] ?? 0);
  return revision;
}

function putReplyHead(reply: Uint8Array, status: Status, revision: number): void {
  reply[0] = status;
  let rest = revision;
  for (let i = replyHeadBytes - 1; rest > 0; i--) {
    reply[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
