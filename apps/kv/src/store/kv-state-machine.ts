import { CompactionRequest, DeleteRangeRequest, Member, MemberListResponse, StatusResponse } from '@quorate/codec-protobuf/etcd';
import { crc32, type ApplySink, type SnapshotReader, type SnapshotSink, type Stamp, type StateMachine } from '@quorate/interface';
import { decodeTxn } from './decode-txn.ts';
import { decodeMember } from './member-attributes.ts';
import { Method } from './method.ts';
import { MvccStore } from './mvcc-store.ts';
import type { OpResult } from './op-result.ts';
import { PutDecoder } from './put-decoder.ts';
import { RangeDecoder } from './range-decoder.ts';
import { checkRevision, range } from './range.ts';
import { encodeReply, encodeReplyBody } from './reply.ts';
import { snapshotSource } from './snapshot-source.ts';
import { snapshotTarget } from './snapshot-target.ts';
import { Status } from './status.ts';
import { checkPlan, checkPutState, deleteRange, planTxn, put, runPlan } from './txn.ts';
import { checkTxn, isReadOnly } from './txn-check.ts';

/** The store under the log: a command or a query is a byte of {@link Method} and the client's own request. */
export interface KvStateMachine extends StateMachine {
  /** CRC-32 of the whole state: equal on all members that applied the same commands. Reads everything; for tests and tools. */
  stateHash(): number;
}

/**
 * etcd's multi-version store as a state machine. Replies are a status, a revision and a response without its header (`encodeReply`);
 * events are `KvEvent`s, one per changed key, in the order of the changes. Never throws on a command or query, whatever its bytes.
 */
export function kvStateMachine(): KvStateMachine {
  return new StoreMachine();
}

class StoreMachine implements KvStateMachine {
  readonly name = 'kv';
  readonly version = 1;
  private store = new MvccStore();
  private readonly putRequest = new PutDecoder();
  private readonly rangeRequest = new RangeDecoder();

  apply(command: Uint8Array, _stamp: Stamp, out: ApplySink): void {
    switch (command[0]) {
      case Method.put:
        return this.put(command, out);
      case Method.deleteRange:
        return this.deleteRange(command.subarray(1), out);
      case Method.txn:
        return this.txn(command.subarray(1), out);
      case Method.compact:
        return this.compact(command.subarray(1), out);
      case Method.memberAttributes:
        return this.setMember(command.subarray(1), out);
      default:
        return this.reply(out, Status.unknownMethod);
    }
  }

  query(request: Uint8Array): Uint8Array {
    switch (request[0]) {
      case Method.rangeQuery:
        return this.range(request);
      case Method.txnQuery:
        return this.readOnlyTxn(request.subarray(1));
      case Method.membersQuery:
        return encodeReplyBody(this.store.revision, this.members());
      case Method.sizeQuery:
        return encodeReplyBody(this.store.revision, this.sizes());
      default:
        return encodeReply(Status.unknownMethod, this.store.revision);
    }
  }

  snapshot(): SnapshotReader {
    return snapshotSource(this.store);
  }

  restore(): SnapshotSink {
    return snapshotTarget((store) => {
      this.store = store;
    });
  }

  stateHash(): number {
    const reader = this.snapshot();
    let hash = 0;
    for (let chunk = reader.next(65_536); chunk !== undefined; chunk = reader.next(65_536)) hash = crc32(chunk, hash);
    reader.close();
    return hash;
  }

  private put(command: Uint8Array, out: ApplySink): void {
    const { store, putRequest } = this;
    let status = putRequest.decode(command, 1);
    if (status === Status.ok) status = checkPutState(store, putRequest);
    if (status !== Status.ok) return this.reply(out, status);
    store.begin();
    return this.commit(out, put(store, putRequest));
  }

  private deleteRange(bytes: Uint8Array, out: ApplySink): void {
    const request = DeleteRangeRequest.decode(bytes);
    if (request === undefined) return this.reply(out, Status.malformed);
    if (request.key.length === 0) return this.reply(out, Status.keyEmpty);
    this.store.begin();
    return this.commit(out, deleteRange(this.store, request));
  }

  private txn(bytes: Uint8Array, out: ApplySink): void {
    const request = decodeTxn(bytes);
    let status = request === undefined ? Status.malformed : checkTxn(request);
    if (request === undefined || status !== Status.ok) return this.reply(out, status);
    const plan = planTxn(this.store, request);
    status = checkPlan(this.store, plan);
    if (status !== Status.ok) return this.reply(out, status);
    this.store.begin();
    return this.commit(out, runPlan(this.store, plan));
  }

  private compact(bytes: Uint8Array, out: ApplySink): void {
    const { store } = this;
    const request = CompactionRequest.decode(bytes);
    if (request === undefined) return this.reply(out, Status.malformed);
    if (request.revision <= store.compacted) return this.reply(out, Status.compacted);
    if (request.revision > store.revision) return this.reply(out, Status.futureRevision);
    store.compact(request.revision);
    return this.reply(out, Status.ok);
  }

  private setMember(bytes: Uint8Array, out: ApplySink): void {
    const member = decodeMember(bytes);
    if (member === undefined) return this.reply(out, Status.malformed);
    this.store.members.set(member.id, member.attributes);
    return this.reply(out, Status.ok);
  }

  // Events leave before the reply, so that whoever is told of a change has been shown it.
  private commit(out: ApplySink, result: OpResult): void {
    const { store } = this;
    const changed = store.commit();
    if (changed > 0) store.changes.newest(changed, (change) => out.emit(change));
    if (out.awaited) out.reply(encodeReply(Status.ok, store.revision, result));
  }

  private reply(out: ApplySink, status: Status): void {
    if (out.awaited) out.reply(encodeReply(status, this.store.revision));
  }

  private range(request: Uint8Array): Uint8Array {
    const { store, rangeRequest } = this;
    let status = rangeRequest.decode(request, 1);
    if (status === Status.ok) status = checkRevision(store, rangeRequest.revision);
    if (status !== Status.ok) return encodeReply(status, store.revision);
    return encodeReply(Status.ok, store.revision, range(store, rangeRequest));
  }

  private readOnlyTxn(bytes: Uint8Array): Uint8Array {
    const { store } = this;
    const request = decodeTxn(bytes);
    if (request === undefined) return encodeReply(Status.malformed, store.revision);
    if (!isReadOnly(request)) return encodeReply(Status.unknownMethod, store.revision);
    let status = checkTxn(request);
    if (status !== Status.ok) return encodeReply(status, store.revision);
    const plan = planTxn(store, request);
    status = checkPlan(store, plan);
    if (status !== Status.ok) return encodeReply(status, store.revision);
    return encodeReply(Status.ok, store.revision, runPlan(store, plan));
  }

  private members(): Uint8Array {
    const members = [...this.store.members].map(([id, { name, clientUrls }]) =>
      Member.create({ ID: BigInt(id), name, clientURLs: clientUrls }),
    );
    return MemberListResponse.encode(MemberListResponse.create({ members }));
  }

  private sizes(): Uint8Array {
    return StatusResponse.encode(StatusResponse.create({ dbSize: this.store.bytes, dbSizeInUse: this.store.bytes }));
  }
}
