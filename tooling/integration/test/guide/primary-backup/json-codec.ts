import { decodeText, encodeText } from '@quorate/interface';
import type { MessageCodec } from '@quorate/interface';
import { isWellFormed, type PrimaryBackupMessage } from './messages.ts';

/** Heads as JSON: slow, and easy to read on the wire. Entries travel raw behind them, whatever the codec. */
export const primaryBackupCodec: MessageCodec<PrimaryBackupMessage> = {
  protocol: 'primary-backup',
  version: 1,
  encode(message) {
    if (message.kind !== 'offer') return encodeText(JSON.stringify(message));
    return encodeText(JSON.stringify({ ...message, meta: { ...message.meta, core: [...message.meta.core] } }));
  },
  decode(head) {
    try {
      const message = JSON.parse(decodeText(head) ?? '') as PrimaryBackupMessage;
      const read =
        message.kind === 'offer' ? { ...message, meta: { ...message.meta, core: Uint8Array.from(message.meta.core) } } : message;
      return isWellFormed(read, []) ? read : undefined;
    } catch {
      return undefined; // It was no JSON, or no message: what a stranger sends is never a reason to throw.
    }
  },
};
