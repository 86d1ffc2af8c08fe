import {
  AlarmAction,
  AlarmRequest,
  AlarmResponse,
  CompactionRequest,
  DeleteRangeRequest,
  HealthCheckRequest,
  HealthCheckResponse,
  Member,
  MemberListRequest,
  MemberListResponse,
  ServingStatus,
  StatusResponse,
} from '@quorate/codec-protobuf/etcd';
import type { MemberId } from '@quorate/interface';
import { decodeTxn } from '../store/decode-txn.ts';
import { Method } from '../store/method.ts';
import { PutDecoder } from '../store/put-decoder.ts';
import { RangeDecoder } from '../store/range-decoder.ts';
import { Status } from '../store/status.ts';
import { checkTxn, isReadOnly, isSerializable } from '../store/txn-check.ts';
import { etcdErrors, storeFailure } from './etcd-errors.ts';
import type { EtcdService } from './etcd-service.ts';
import { plainFrame } from './grpc-frame.ts';
import type { RpcCall } from './rpc-server.ts';
import { Code, rpcStatus } from './rpc-status.ts';

/** Answers one method. */
export type Route = (service: EtcdService, call: RpcCall) => void;

const putRequest = new PutDecoder();
const rangeRequest = new RangeDecoder();
const unknownHealthService = rpcStatus(Code.notFound, 'unknown service');
const noAlarms = rpcStatus(Code.unimplemented, 'alarms cannot be raised by clients');

/** The methods by path. What is wrong with a request is said here, before it costs a place in the log; the store checks again. */
export const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/etcdserverpb.KV/Range', range],
  ['/etcdserverpb.KV/Put', put],
  ['/etcdserverpb.KV/DeleteRange', deleteRange],
  ['/etcdserverpb.KV/Txn', txn],
  ['/etcdserverpb.KV/Compact', compact],
  ['/etcdserverpb.Maintenance/Status', status],
  ['/etcdserverpb.Maintenance/Alarm', alarm],
  ['/etcdserverpb.Cluster/MemberList', memberList],
  ['/grpc.health.v1.Health/Check', health],
]);

function range(service: EtcdService, call: RpcCall): void {
  const { request } = call;
  const failure = storeFailure(rangeRequest.decode(request, 1));
  if (failure !== undefined) return service.fail(call, failure);
  request[0] = Method.rangeQuery;
  return service.query(call, request, rangeRequest.serializable ? 'local' : 'linearizable');
}

function put(service: EtcdService, call: RpcCall): void {
  const { request } = call;
  const failure = storeFailure(putRequest.decode(request, 1));
  if (failure !== undefined) return service.fail(call, failure);
  request[0] = Method.put;
  return service.submit(call, request);
}

function deleteRange(service: EtcdService, call: RpcCall): void {
  const { request } = call;
  const decoded = DeleteRangeRequest.decode(request.subarray(1));
  const wrong = decoded === undefined ? Status.malformed : decoded.key.length === 0 ? Status.keyEmpty : Status.ok;
  const failure = storeFailure(wrong);
  if (failure !== undefined) return service.fail(call, failure);
  request[0] = Method.deleteRange;
  return service.submit(call, request);
}

function txn(service: EtcdService, call: RpcCall): void {
  const { request } = call;
  const decoded = decodeTxn(request.subarray(1));
  const failure = storeFailure(decoded === undefined ? Status.malformed : checkTxn(decoded));
  if (decoded === undefined || failure !== undefined) return service.fail(call, failure ?? etcdErrors.malformed);
  if (isReadOnly(decoded)) {
    request[0] = Method.txnQuery;
    return service.query(call, request, isSerializable(decoded) ? 'local' : 'linearizable');
  }
  request[0] = Method.txn;
  return service.submit(call, request);
}

function compact(service: EtcdService, call: RpcCall): void {
  const { request } = call;
  if (CompactionRequest.decode(request.subarray(1)) === undefined) return service.fail(call, etcdErrors.malformed);
  request[0] = Method.compact;
  return service.submit(call, request);
}

function status(service: EtcdService, call: RpcCall): void {
  const { request } = call;
  request[0] = Method.sizeQuery;
  service.ask(call, { request: request.subarray(0, 1), consistency: 'local' }, (body, revision) => {
    const sizes = StatusResponse.decode(body) ?? StatusResponse.create();
    const { core, role, leader, applied } = service.options.replica.status();
    const response = StatusResponse.create({
      version: service.options.version,
      dbSize: sizes.dbSize,
      dbSizeInUse: sizes.dbSizeInUse,
      leader: BigInt(leader ?? 0),
      raftIndex: core?.commit ?? applied,
      raftTerm: role?.epoch.round ?? 0,
      raftAppliedIndex: applied,
      errors: leader === undefined ? [etcdErrors.noLeader.text] : [],
      isLearner: role?.role === 'learner',
    });
    service.succeed(call, revision, StatusResponse.encode(response));
  });
}

function alarm(service: EtcdService, call: RpcCall): void {
  const { request } = call;
  const decoded = AlarmRequest.decode(request.subarray(1));
  if (decoded === undefined) return service.fail(call, etcdErrors.malformed);
  if (decoded.action === AlarmAction.ACTIVATE) return service.fail(call, noAlarms);
  request[0] = Method.sizeQuery;
  const question = { request: request.subarray(0, 1), consistency: 'local' } as const;
  return service.ask(call, question, (_body, revision) => {
    service.succeed(call, revision, AlarmResponse.encode(AlarmResponse.create()));
  });
}

function memberList(service: EtcdService, call: RpcCall): void {
  const { request } = call;
  const decoded = MemberListRequest.decode(request.subarray(1));
  if (decoded === undefined) return service.fail(call, etcdErrors.malformed);
  request[0] = Method.membersQuery;
  const question = { request: request.subarray(0, 1), consistency: decoded.linearizable ? 'linearizable' : 'local' } as const;
  return service.ask(call, question, (body) => {
    const published = MemberListResponse.decode(body)?.members ?? [];
    const response = MemberListResponse.create({ members: membersOf(service, published) });
    // As etcd's: the answer belongs to the cluster, not to the store, so its header names no revision.
    service.succeed(call, 0, MemberListResponse.encode(response));
  });
}

// Members and their peers' URLs come from the configuration, the rest from what each member published about itself.
function membersOf(service: EtcdService, published: readonly Member[]): Member[] {
  const config = service.options.replica.status().core?.config ?? service.options.genesis;
  const learners: readonly MemberId[] = config.learners;
  return config.members.map(({ id, peerUrls }) => {
    const known = published.find((member) => member.ID === BigInt(id));
    const { name = '', clientURLs = [] } = known ?? {};
    return Member.create({ ID: BigInt(id), name, peerURLs: peerUrls, clientURLs, isLearner: learners.includes(id) });
  });
}

function health(service: EtcdService, call: RpcCall): void {
  const decoded = HealthCheckRequest.decode(call.request.subarray(1));
  if (decoded === undefined) return service.fail(call, etcdErrors.malformed);
  if (decoded.service !== '') return service.fail(call, unknownHealthService);
  const serving = service.stopping ? ServingStatus.NOT_SERVING : ServingStatus.SERVING;
  call.response = plainFrame(HealthCheckResponse.encode(HealthCheckResponse.create({ status: serving })));
  return service.complete(call);
}
