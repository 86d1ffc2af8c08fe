/**
 * The head of every message, little-endian: magic (u16), wire version (u8), zero (u8), CRC-32 of all that follows (u32), position
 * (u32), acknowledgement (u32). Then come frames. A position counts the bytes that this end sent on the link before this message,
 * an acknowledgement those that it received, both modulo 2^32.
 */
export const headBytes = 16;

/** Where the position stands in the head of a message. */
export const positionAt = 8;

/** The head of a frame within a message: kind (u8), length of the payload (u32). A payload is never empty. */
export const frameHeadBytes = 5;

/** The first two bytes of every message, `Q` and `z`, as a little-endian number. */
export const magic = 0x7a51;

/** The version of this format. The owner's hello agrees on everything above it. */
export const wireVersion = 1;
