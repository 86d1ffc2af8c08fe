import type { ConsensusError, ConsensusErrorCode } from '@quorate/interface';
import { Status } from '../store/status.ts';
import { Code, rpcStatus, type RpcStatus } from './rpc-status.ts';

// Go clients find typed errors by exact text, so these are etcd's own.
const etcd = (code: number, text: string): RpcStatus => rpcStatus(code, `etcdserver: ${text}`);

type DoorError =
  | 'requestTooLarge'
  | 'noLeader'
  | 'timedOut'
  | 'leaderLost'
  | 'linkLost'
  | 'leaderChanged'
  | 'stopped'
  | 'tooManyRequests'
  | 'canceled'
  | 'deadline'
  | 'malformed';

/** The failures that the door answers by itself. */
export const etcdErrors: Readonly<Record<DoorError, RpcStatus>> = {
  requestTooLarge: etcd(Code.invalidArgument, 'request is too large'),
  noLeader: etcd(Code.unavailable, 'no leader'),
  timedOut: etcd(Code.unavailable, 'request timed out'),
  leaderLost: etcd(Code.unavailable, 'request timed out, possibly due to previous leader failure'),
  linkLost: etcd(Code.unavailable, 'request timed out, possibly due to connection lost'),
  leaderChanged: etcd(Code.unavailable, 'leader changed'),
  stopped: etcd(Code.unavailable, 'server stopped'),
  tooManyRequests: etcd(Code.resourceExhausted, 'too many requests'),
  canceled: etcd(Code.canceled, 'request canceled'),
  deadline: rpcStatus(Code.deadlineExceeded, 'context deadline exceeded'),
  malformed: rpcStatus(Code.internal, 'grpc: error unmarshalling request: the message is malformed'),
};

const byStatus: Readonly<Record<Exclude<Status, typeof Status.ok>, RpcStatus>> = {
  [Status.compacted]: etcd(Code.outOfRange, 'mvcc: required revision has been compacted'),
  [Status.futureRevision]: etcd(Code.outOfRange, 'mvcc: required revision is a future revision'),
  [Status.keyEmpty]: etcd(Code.invalidArgument, 'key is not provided'),
  [Status.keyNotFound]: etcd(Code.invalidArgument, 'key not found'),
  [Status.valueProvided]: etcd(Code.invalidArgument, 'value is provided'),
  [Status.leaseProvided]: etcd(Code.invalidArgument, 'lease is provided'),
  [Status.leaseNotFound]: etcd(Code.notFound, 'requested lease not found'),
  [Status.tooManyOperations]: etcd(Code.invalidArgument, 'too many operations in txn request'),
  [Status.duplicateKey]: etcd(Code.invalidArgument, 'duplicate key given in txn request'),
  [Status.invalidSort]: etcd(Code.invalidArgument, 'invalid sort option'),
  [Status.malformed]: etcdErrors.malformed,
  [Status.answerTooLarge]: rpcStatus(Code.resourceExhausted, 'grpc: trying to send message larger than max'),
  [Status.unknownMethod]: rpcStatus(Code.unimplemented, 'the store does not know this method'),
};

const byCode: Partial<Record<ConsensusErrorCode, RpcStatus>> = {
  E_TIMEOUT: etcdErrors.timedOut,
  E_NO_LEADER: etcdErrors.timedOut,
  E_NOT_READY: etcdErrors.timedOut,
  E_TRANSFERRING: etcdErrors.leaderChanged,
  E_NOT_LEADER: etcdErrors.leaderChanged,
  E_LINK_LOST: etcdErrors.linkLost,
  E_OVERLOADED: etcdErrors.tooManyRequests,
  E_TOO_LARGE: etcdErrors.requestTooLarge,
  E_STOPPED: etcdErrors.stopped,
  E_ABORTED: etcdErrors.canceled,
};

/** The failure that a reply of the store stands for; undefined: it is a success. */
export function storeFailure(status: Status): RpcStatus | undefined {
  return status === Status.ok ? undefined : (byStatus[status] ?? byStatus[Status.malformed]);
}

/** The failure that a client sees for a failed command or query. */
export function consensusFailure(error: ConsensusError, clientDeadlinePassed: boolean): RpcStatus {
  if (error.code === 'E_TIMEOUT' && clientDeadlinePassed) return etcdErrors.deadline;
  // A client that lost its leader in mid-flight is told so: the command may still take effect.
  if (error.code === 'E_NOT_LEADER' && error.outcome === 'unknown') return etcdErrors.leaderLost;
  return byCode[error.code] ?? rpcStatus(Code.unknown, error.message);
}
