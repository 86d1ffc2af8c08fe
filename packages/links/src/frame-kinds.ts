import type { Lane } from '@quorate/interface';

/** What a frame is: the lane of an owner's frame, or one of the links' own. The numbers are those of the wire. */
export const frameKinds = { control: 1, log: 2, bulk: 3, hello: 4, welcome: 5, refusal: 6, ping: 7, bye: 8 } as const;

/** One of {@link frameKinds}. */
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** The largest hello, refusal or bye; also what a stranger may make this member collect before it is admitted. */
export const maxHelloBytes = 65_536;

/** The payload of frames that say all by their kind: a payload is never empty. */
export const onePayload: Uint8Array = Uint8Array.of(1);

/** The lane of a frame kind, or undefined for the links' own. */
export function laneOf(kind: number): Lane | undefined {
  if (kind === frameKinds.log) return 'log';
  if (kind === frameKinds.control) return 'control';
  return kind === frameKinds.bulk ? 'bulk' : undefined;
}
