import type { MessageCodec } from '@quorate/interface';

/** `truncation`: a head that is cut off anywhere is recognised. The transport checks frames, so a codec may leave that to it. */
export type CodecCapability = 'truncation';

/** A codec with what the suite cannot know: its messages. */
export interface CodecSubject<M> {
  readonly codec: MessageCodec<M>;
  /** Messages of every kind, with every field in use somewhere, and numbers up to 2^53 − 1. */
  readonly samples: readonly M[];
  /** What tells the kinds of messages apart, all of it: the samples must have each. */
  readonly kinds: readonly string[];
  readonly kindOf: (message: M) => string;
  /** Heads that must be refused: unknown kinds, wrong field types, numbers that are no safe integers, impossible words. */
  readonly refused: readonly { readonly what: string; readonly head: Uint8Array }[];
  /** Heads of a newer or less tidy writer that must be understood all the same, such as fields that are not known yet. */
  readonly understood: readonly { readonly what: string; readonly head: Uint8Array; readonly message: M }[];
}
