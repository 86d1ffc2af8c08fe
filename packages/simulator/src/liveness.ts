import type { SimMember } from './cluster/sim-member.ts';
import { chanceKinds } from './chance.ts';
import { isolation } from './faults/blocks.ts';
import type { Scene, Workload } from './simulation.ts';

/** New operations that must succeed before a cluster counts as live. */
const enoughSuccesses = 5;
/** Members may need this long to have equal states once everything is healed. */
const convergenceMs = 30_000;
/** Open operations end by their own time-out at the latest; a client may need this long to find its way. */
const clientMs = 12_000;
const lookEveryMs = 20;
/** Before a majority is wiped, and until its members start again. */
const settlingMs = 3000;
const wipedForMs = 2000;

/**
 * After the chaos: a random core that holds a majority is healed for good, outsiders are stopped or cut off; then operations
 * succeed within a bound, and all states become equal. Where no majority is whole, the rest has to halt, and nothing more is asked.
 */
export function runLiveness(
  scene: Scene,
  workload: Workload,
  electsThroughPartialLinks: boolean,
): 'live' | 'halted' | 'violation' {
  const { world, cluster, nemesis, plan } = scene;
  nemesis.heal();
  const whole = cluster.voters.filter((member) => isWhole(scene, member));
  const majority = Math.floor(cluster.voters.length / 2) + 1;
  if (plan.wipesMajority || whole.length < majority) return haltSafely(scene, workload);
  const core = chooseCore(scene, whole, majority);
  leaveOutsiders(scene, core, electsThroughPartialLinks);
  for (const member of core) nemesis.supervisor.startIn(member, 0);
  const fromMs = world.time.nowMs;
  const electionMs = plan.electionTimeoutMs * 2;
  const boundMs = 10 * electionMs + 10 * plan.idleMs + clientMs;
  const live = runWhile(scene, fromMs + boundMs, () => workload.succeededSince(fromMs) < enoughSuccesses);
  if (world.ledger.violations.length > 0) return 'violation';
  if (!live) {
    world.ledger.violate('I-20', `no progress within ${boundMs} ms after everything was healed: ${describe(core)}`);
    return 'violation';
  }
  workload.rest();
  // A leader among the outsiders may go on with a part of the core; equal states are asked of the core alone.
  for (const member of outsidersOf(scene, core)) world.network.block(`outsider ${member.id}`, isolation(member.id));
  const calm = (): boolean => workload.pending === 0 && areEqual(core);
  const converged = runWhile(scene, world.time.nowMs + convergenceMs, () => !calm());
  if (world.ledger.violations.length > 0) return 'violation';
  if (!converged) {
    const text = `${workload.pending} operations without an outcome; ${describe(core)}`;
    world.ledger.violate('I-20', `no equal states within ${convergenceMs} ms: ${text}`);
    return 'violation';
  }
  checkStates(scene, core);
  return 'live';
}

function isWhole({ nemesis }: Pick<Scene, 'nemesis'>, { record, id }: SimMember): boolean {
  return !record.damaged && !record.wiped && !nemesis.supervisor.retired.has(id);
}

// A majority at least, everybody at most.
function chooseCore({ world, cluster }: Scene, whole: readonly SimMember[], majority: number): readonly SimMember[] {
  const next = world.chance.stream(chanceKinds.plan, 1);
  const core = [...whole];
  const wanted = next() < 0.5 ? whole.length : majority + Math.floor(next() * (whole.length - majority + 1));
  while (core.length > wanted) core.splice(Math.floor(next() * core.length), 1);
  const learners = cluster.members
    .slice(cluster.voters.length)
    .filter((member) => !member.record.damaged && !member.record.wiped);
  return core.length === whole.length ? [...core, ...learners] : core;
}

/** For good: outsiders are stopped, or cut off; or, where a protocol elects through partial links, linked to one member of the core only. */
function leaveOutsiders(scene: Scene, core: readonly SimMember[], partialLinks: boolean): void {
  const { world, nemesis } = scene;
  const outsiders = outsidersOf(scene, core);
  const draw = world.chance.draw(chanceKinds.plan, 2);
  for (const member of outsiders) {
    nemesis.supervisor.retired.add(member.id);
    if (draw < 0.4) member.kill(false);
    else if (draw < 0.7 || !partialLinks || member.record.wiped)
      world.network.block(`outsider ${member.id}`, isolation(member.id));
    else {
      const friend = core[member.id % core.length]?.id ?? 0;
      const apart = isolation(member.id);
      world.network.block(`outsider ${member.id}`, (from, to) => apart(from, to) && from !== friend && to !== friend);
    }
  }
}

function outsidersOf({ cluster }: Scene, core: readonly SimMember[]): readonly SimMember[] {
  return cluster.members.filter((member) => !core.includes(member));
}

/** Runs while a condition holds; false where it still does at the end. */
function runWhile({ world }: Scene, limitMs: number, condition: () => boolean): boolean {
  while (condition()) {
    if (world.time.nowMs >= limitMs) return false;
    if (!world.runUntil(Math.min(world.time.nowMs + lookEveryMs, limitMs))) return false;
  }
  return true;
}

function areEqual(core: readonly SimMember[]): boolean {
  const leader = core.find(({ replica }) => replica?.status().settled === true);
  if (leader === undefined) return false;
  const goal = leader.replica?.status();
  return core.every(({ replica }) => {
    const status = replica?.status();
    return (
      status !== undefined &&
      status.state === 'running' &&
      status.applied === goal?.applied &&
      status.core?.commit === goal.core?.commit
    );
  });
}

function checkStates({ world }: Scene, core: readonly SimMember[]): void {
  const first = core[0];
  for (const member of core) {
    if (first === undefined || member.parts?.stateHash() === first.parts?.stateHash()) continue;
    world.ledger.violate('I-12', `at the end member ${member.id} has another state than member ${first.id}`);
  }
}

// Without a majority of whole disks nobody may go on; what was acknowledged is the checkers' business as ever.
function haltSafely(scene: Scene, workload: Workload): 'halted' | 'violation' {
  const { world, cluster, nemesis, plan } = scene;
  for (const member of cluster.members) nemesis.supervisor.startIn(member, 0);
  runWhile(scene, world.time.nowMs + settlingMs, () => true);
  const wiped = plan.wipesMajority && wipeMajority(scene);
  // Acknowledgements may be under way.
  runWhile(scene, world.time.nowMs + wipedForMs / 2, () => true);
  const before = world.ledger.committedTo;
  runWhile(scene, world.time.nowMs + clientMs, () => true);
  if (wiped && world.ledger.committedTo > before) {
    world.ledger.violate(
      'I-20',
      `entries up to ${world.ledger.committedTo} were committed after a majority had lost its disks at ${before}`,
    );
  }
  workload.rest();
  runWhile(scene, world.time.nowMs + clientMs, () => workload.pending > 0);
  return world.ledger.violations.length > 0 ? 'violation' : 'halted';
}

/**
 * Takes the disks of a majority away at once, but not that of a member that has met them all and is up: without such a witness nobody
 * can tell them from a new cluster. (`--initial-cluster-state existing` is the operator's way to rule that out.) False: there is none.
 */
function wipeMajority({ cluster, nemesis, world }: Scene): boolean {
  const majority = Math.floor(cluster.voters.length / 2) + 1;
  const isWitness = (member: SimMember): boolean => {
    const status = member.replica?.status();
    const disks = status?.identity?.peerDisks;
    return status?.state === 'running' && cluster.voters.every(({ id }) => id === member.id || disks?.has(id) === true);
  };
  const witness = cluster.voters.find((member) => isWhole({ nemesis }, member) && isWitness(member));
  if (witness === undefined) return false;
  for (const member of cluster.voters.filter(({ id }) => id !== witness.id).slice(0, majority)) {
    nemesis.supervisor.downForMs.set(member.id, wipedForMs);
    member.kill(true);
    member.medium.wipe();
    world.ledger.wiped(member.record);
  }
  return true;
}

function describe(core: readonly SimMember[]): string {
  return core
    .map(({ id, replica, failure, record }) => {
      const status = replica?.status();
      const detail =
        status === undefined
          ? `down ${failure?.code ?? ''}`
          : `${status.state} ${status.role?.role} term ${status.role?.epoch.round} commit ${status.core?.commit} applied ${status.applied} links ${status.links.length}`;
      return `member ${id} (life ${record.lives}) ${detail}`;
    })
    .join('; ');
}
