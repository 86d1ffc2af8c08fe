/**
 * The contracts of Quorate: vocabulary, errors and the interfaces between cores, journals, transports, state machines and hosts.
 *
 * @packageDocumentation
 */

// For users: what appears in options, results and errors.
export type { Config, MemberInfo } from './config.ts';
export { ConsensusError } from './errors.ts';
export type { ConsensusErrorCode, ExitCode, Failure, Outcome } from './errors.ts';
export type { Consistency } from './runtime-messages.ts';
export type { ApplySink, SnapshotReader, SnapshotSink, Stamp, StateMachine, Tenure } from './state-machine.ts';
export type { Epoch, EpochRun, Index, IndexRange, LinkId, MemberId, WriteNumber } from './vocabulary.ts';

// For implementers of cores, storages, transports, codecs and runtimes.
export { decodeConfig, encodeConfig } from './config.ts';
export type { Core, CoreAbilities, CoreInput, CoreKind, CoreLimits, CoreSetup, CoreStatus, ProposalRun } from './core.ts';
export { crc32, crc32Polynomial, joinCrc32 } from './crc32.ts';
export type { Crc32 } from './crc32.ts';
export type { Effects, Lane, ReadMethod, ReadResult, RejectReason, RoleChange, Send } from './effects.ts';
export { countWithin, lastOf, noops, packPayloads, payloadBytes, payloadOf, placeEntries, sliceEntries } from './entries.ts';
export type { EntryBatch, EntryKind, Payloads } from './entries.ts';
export { consensusErrorCodes, failure, isFailure } from './errors.ts';
export type { DetectorStrategy, Expectation, FailureDetector, PeerStatus, StatusChange } from './failure-detector.ts';
export { frameHead, frameTypes, parseFrame } from './frame.ts';
export type { Frame, FrameType } from './frame.ts';
export type { Disk, Host } from './host.ts';
export type { ExpectedIdentity, Identity, Storage } from './identity.ts';
export { at, invariant, InvariantViolation } from './invariant.ts';
export { emptyRecovered } from './journal.ts';
export type { Journal, JournalBatch, Recovered } from './journal.ts';
export type {
  ClientCommands,
  ClientQueries,
  ClientResults,
  Forward,
  ForwardRefused,
  Hello,
  RuntimeMessage,
  SessionOpen,
  SessionOpened,
  SnapshotChunk,
  SnapshotRead,
} from './runtime-messages.ts';
export type { SnapshotMeta, SnapshotStore, SnapshotWriter } from './snapshot.ts';
export { decodeText, encodeText } from './text.ts';
export type {
  Admission,
  LinkKind,
  MessageCodec,
  Transport,
  TransportFailure,
  TransportHandlers,
  TransportPeer,
} from './transport.ts';
export { compareEpochs, noEpoch, sameEpoch } from './vocabulary.ts';
