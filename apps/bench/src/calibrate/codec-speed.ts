import { multiPaxosCodec, raftCodec, zabCodec } from '@quorate/codec-protobuf';
import type { MessageCodec } from '@quorate/interface';
import type { CodecCalibration } from '../result/calibration.ts';

/** How many heads of each protocol's replication message are encoded and decoded per second. */
export function codecSpeeds(durationMs: number): readonly CodecCalibration[] {
  const epoch = { round: 7, owner: 1 };
  const append = {
    kind: 'append',
    term: 7,
    leader: 1,
    prevLogIndex: 123_456,
    prevLogTerm: 7,
    leaderCommit: 123_450,
    notice: false,
  } as const;
  const accept = { kind: 'accept', ballot: epoch, chosen: [{ from: 123_440, to: 123_450, ballot: epoch }] } as const;
  const propose = { kind: 'propose', epoch: 7, zxidEpoch: 7, zxidCounter: 123_456 } as const;
  return [
    codecSpeed(raftCodec, append, durationMs),
    codecSpeed(multiPaxosCodec, accept, durationMs),
    codecSpeed(zabCodec, propose, durationMs),
  ];
}

function codecSpeed<M>(codec: MessageCodec<M>, message: M, durationMs: number): CodecCalibration {
  const head = codec.encode(message);
  return {
    protocol: codec.protocol,
    encodesPerSecond: perSecond(durationMs, () => codec.encode(message)),
    decodesPerSecond: perSecond(durationMs, () => codec.decode(head)),
  };
}

const atATime = 1000;

function perSecond(durationMs: number, run: () => unknown): number {
  // Once until the compiler has done its work, and once for the figure.
  spin(durationMs, run);
  return spin(durationMs, run);
}

function spin(durationMs: number, run: () => unknown): number {
  let count = 0;
  const began = performance.now();
  let elapsedMs = 0;
  do {
    for (let i = 0; i < atATime; i++) run();
    count += atATime;
    elapsedMs = performance.now() - began;
  } while (elapsedMs < durationMs);
  return (count * 1000) / elapsedMs;
}
