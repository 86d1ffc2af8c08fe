import { lockCommandCodec, lockQueryCodec, lockReplyCodec, type LockCommand, type LockQuery } from '@quorate/codec-protobuf/lock';
import {
  crc32,
  type ApplySink,
  type SnapshotReader,
  type SnapshotSink,
  type Stamp,
  type StateMachine,
  type Tenure,
} from '@quorate/interface';
import { LockDuties } from './duties/lock-duties.ts';
import { LockState } from './lock-state.ts';
import { describeLeader, describeLock, describeSession, listLocks, pageOf } from './locks/describe-locks.ts';
import type { Outcome } from './locks/lock-desk.ts';
import { waitGraph } from './locks/wait-graph.ts';
import { refusalNumber, type RefusalCode } from './refusal.ts';
import { snapshotSink } from './snapshot-sink.ts';

/** The lock service under the log: commands, queries and answers are those of `@quorate/codec-protobuf/lock`. */
export interface LockStateMachine extends StateMachine {
  duties(tenure: Tenure | undefined): void;
  /** CRC-32 of the whole state: equal on all members that applied the same commands. Reads everything; for tests and tools. */
  stateHash(): number;
}

/** Sessions and locks with fencing tokens. Events are `LockEvent`s. Never throws on a command or query, whatever its bytes. */
export function lockStateMachine(): LockStateMachine {
  return new LockMachine();
}

class LockMachine implements LockStateMachine {
  readonly name = 'lock';
  readonly version = 1;
  private state = new LockState();
  private tenure: Tenure | undefined;
  private running: LockDuties | undefined;

  apply(command: Uint8Array, stamp: Stamp, out: ApplySink): void {
    const decoded = lockCommandCodec.decode(command);
    const outcome = decoded === undefined ? 'E_MALFORMED' : this.run(decoded, stamp, out);
    if (out.awaited) out.reply(encodeOutcome(outcome));
  }

  private run(command: LockCommand, stamp: Stamp, out: ApplySink): Outcome {
    const { sessions, desk } = this.state;
    desk.begin(stamp);
    switch (command.kind) {
      case 'open-session': {
        const session = sessions.open(command, stamp, out);
        return typeof session === 'string' ? session : { kind: 'session-opened', session: session.id, ttlMs: session.ttlMs };
      }
      case 'keep-alive':
        return { kind: 'kept-alive', gone: sessions.renew(command.sessions, stamp) };
      case 'close-session':
        return sessions.close(command.session, out) ? { kind: 'done' } : 'E_NO_SESSION';
      case 'expire-session':
        return sessions.expire(command.session, command.renewal, out) ? { kind: 'done' } : 'E_NO_SESSION';
      case 'acquire':
        return desk.acquire(command, out);
      case 'cancel':
        return desk.cancel(command, out);
      case 'release':
        return desk.release(command, out);
      case 'force-release':
        return desk.forceRelease(command, out);
      case 'end-delay':
        return desk.endDelay(command, out);
      case 'proclaim':
        return desk.proclaim(command, out);
      default:
        return desk.check(command);
    }
  }

  query(request: Uint8Array): Uint8Array {
    const query = lockQueryCodec.decode(request);
    return encodeOutcome(query === undefined ? 'E_MALFORMED' : this.answer(query));
  }

  private answer(query: LockQuery): Outcome {
    const { sessions, table, desk } = this.state;
    switch (query.kind) {
      case 'check':
        return desk.check(query);
      case 'lock': {
        const most = pageOf(query.limit);
        return describeLock(query.lock, table.get(query.lock), { holders: most, waiters: most });
      }
      case 'session': {
        const session = sessions.get(query.session);
        return session === undefined ? 'E_NO_SESSION' : describeSession(session, table);
      }
      case 'list':
        return listLocks(table, query);
      case 'leader':
        return describeLeader(table.get(query.lock));
      case 'wait-graph':
        return waitGraph(table, pageOf(query.limit));
      default:
        return { kind: 'totals', sessions: sessions.size, locks: table.size, claims: table.claims, token: table.token };
    }
  }

  duties(tenure: Tenure | undefined): void {
    this.running?.stop();
    this.tenure = tenure;
    this.running = tenure === undefined ? undefined : new LockDuties(tenure, this.state);
  }

  snapshot(): SnapshotReader {
    return this.state.snapshot();
  }

  restore(): SnapshotSink {
    return snapshotSink((state) => {
      this.state = state;
      // The clock goes on with the new state, from its beginning.
      this.duties(this.tenure);
    });
  }

  stateHash(): number {
    const reader = this.snapshot();
    let hash = 0;
    for (let chunk = reader.next(65_536); chunk !== undefined; chunk = reader.next(65_536)) hash = crc32(chunk, hash);
    reader.close();
    return hash;
  }
}

function encodeOutcome(outcome: Outcome): Uint8Array {
  return lockReplyCodec.encode(typeof outcome === 'string' ? refused(outcome) : outcome);
}

function refused(code: RefusalCode): { readonly kind: 'refused'; readonly code: number } {
  return { kind: 'refused', code: refusalNumber(code) };
}
