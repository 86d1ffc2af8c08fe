import type { SimMember } from '../cluster/sim-member.ts';
import type { Action } from './action.ts';
import type { Nemesis } from './nemesis.ts';
import type { DiskPlan, Plan } from './plan.ts';

/** Undefined: the action is nothing of a disk's. False: it could not take effect. */
export function actOnDisk(nemesis: Nemesis, action: Action, target: SimMember): boolean | undefined {
  const { faults } = target.medium;
  const { kind, forMs, amount, peer } = action;
  const undo = (run: () => void): true => {
    nemesis.later(forMs, run);
    return true;
  };
  switch (kind) {
    case 'disk-slow':
      faults.sync.ms = amount;
      faults.write.ms = amount / 10;
      return undo(() => setNature(target, nemesis.plan.disk));
    case 'disk-stuck':
      faults.stuck = true;
      return undo(() => target.medium.release());
    case 'disk-full':
      nemesis.suspectDisk(target.id, forMs);
      faults.freeBytes = Math.floor(amount);
      return undo(() => (faults.freeBytes = Number.POSITIVE_INFINITY));
    case 'sync-error':
      nemesis.suspectDisk(target.id, forMs);
      faults.syncFault = { kind: amount < 0.5 ? 'clean' : 'reverted', after: peer };
      return undo(() => (faults.syncFault = undefined));
    case 'read-error':
      nemesis.suspectDisk(target.id, forMs);
      faults.unreadable = [{ path: '', from: 0, to: Number.POSITIVE_INFINITY }];
      return undo(() => (faults.unreadable = []));
    case 'short-write':
      faults.shortWrites = amount;
      return undo(() => (faults.shortWrites = 0));
    case 'no-descriptors':
      nemesis.suspectDisk(target.id, forMs);
      faults.openFiles = peer - 1;
      return undo(() => (faults.openFiles = Number.POSITIVE_INFINITY));
    case 'bit-rot':
      return rot(target, Math.floor(amount));
    case 'wipe':
      return wipe(nemesis, target, forMs);
    default:
      return undefined;
  }
}

/** Everything that a disk can be healed of. */
export function healDisk(target: SimMember, plan: Plan): void {
  const { faults } = target.medium;
  faults.freeBytes = Number.POSITIVE_INFINITY;
  faults.syncFault = undefined;
  faults.unreadable = [];
  faults.shortWrites = 0;
  faults.openFiles = Number.POSITIVE_INFINITY;
  setNature(target, plan.disk);
  target.medium.release();
}

/** A disk as the plan says, as fast and as brittle. */
export function setNature({ medium }: SimMember, { writeMs, syncMs, tornSectors }: DiskPlan): void {
  medium.faults.tornSectors = tornSectors;
  medium.faults.write.ms = writeMs;
  medium.faults.write.spreadMs = writeMs;
  medium.faults.read.ms = writeMs;
  medium.faults.read.spreadMs = writeMs;
  medium.faults.sync.ms = syncMs;
  medium.faults.sync.spreadMs = syncMs;
}

// The last batch is spared: its mark is not copied aside yet, so that nobody could tell its rot from a torn write (rule 4).
function rot(target: SimMember, flips: number): boolean {
  let done = false;
  for (let flip = 0; flip < flips; flip++) done = target.rot() || done;
  return done;
}

/**
 * An empty disk under the old name. Only where everybody has met the old one: a member that none of the others knows yet cannot be told
 * from a new one by those that did not meet it.
 */
function wipe(nemesis: Nemesis, target: SimMember, forMs: number): boolean {
  const { cluster, supervisor, world } = nemesis;
  const known = cluster.members.every(
    ({ id, replica }) => id === target.id || replica?.status().identity?.peerDisks.has(target.id) === true,
  );
  if (!known || target.record.wiped) return false;
  supervisor.downForMs.set(target.id, forMs);
  target.kill(true);
  target.medium.wipe();
  world.ledger.wiped(target.record);
  return true;
}
