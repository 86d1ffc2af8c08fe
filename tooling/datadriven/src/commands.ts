import type { MemberId } from '@quorate/interface';
import { type Arguments, memberList, type Path } from './arguments.ts';
import { type Cluster, genesisOf } from './cluster.ts';
import { formatConfig, formatEntry, formatRange, formatRole } from './format.ts';
import type { Member } from './member.ts';
import type { Parcel } from './network.ts';
import { TraceError } from './trace-error.ts';
import { TraceOptions } from './trace-options.ts';

/** Carries one command out; the turns of everybody end afterwards. */
type Command = <M>(cluster: Cluster<M>, words: Arguments) => void;

/** Every command but `add-nodes`, by name. README.md has the grammar and an example of each. */
export const commands: Readonly<Record<string, Command | undefined>> = {
  campaign: (cluster, words) => cluster.member(words.member()).step({ type: 'campaign' }),
  propose(cluster, words) {
    const member = cluster.member(words.member());
    member.propose([words.word('a command'), ...words.rest()]);
  },
  read(cluster, words) {
    const member = cluster.member(words.member());
    const name = words.word('a name for the read');
    member.read(name, words.keyword('quorum') ? 'quorum' : 'leader');
  },
  deliver(cluster, words) {
    const path = words.path();
    if (words.isEmpty && isWild(path)) eachDirection(cluster, path, (from, to) => cluster.deliverFree(from, to));
    else for (const parcel of selected(cluster, path, words)) cluster.deliver(parcel);
  },
  drop(cluster, words) {
    for (const parcel of selected(cluster, words.path(), words)) cluster.drop(parcel);
  },
  duplicate: duplicate,
  hold: (cluster, words) => hold(cluster, words, true),
  release: (cluster, words) => hold(cluster, words, false),
  partition(cluster, words) {
    cluster.partition(words.word('groups such as 1,2|3').split('|').map(memberList));
  },
  heal: (cluster, words) => cluster.heal(words.isEmpty ? undefined : words.pair()),
  'link-down': (cluster, words) => cluster.linkDown(...words.pair()),
  sync(cluster, words) {
    const member = cluster.member(words.member());
    if (member.journal.unsyncedCount === 0) throw new TraceError(`${member.id} has nothing to sync`);
    member.sync(words.optionalNumber('a count', 1));
  },
  'sync-fail'(cluster, words) {
    const member = running(cluster, words.member());
    cluster.transcript.news(`${member.id} stops: a sync failed${inDoubt(member)}`);
    cluster.stop(member.id);
  },
  crash(cluster, words) {
    const member = running(cluster, words.member());
    cluster.transcript.news(`${member.id} crashes${inDoubt(member)}`);
    cluster.stop(member.id);
  },
  'lose-unsynced': loseUnsynced,
  restart(cluster, words) {
    const member = cluster.member(words.member());
    if (member.isUp) throw new TraceError(`${member.id} is up`);
    member.start();
    const { commit, snapshot } = member.journal.durable;
    const base = snapshot === undefined ? '' : ` snapshot ${snapshot.id},`;
    cluster.transcript.news(`${member.id} restarts:${base} commit ${commit}, log ${logText(member)}`);
    cluster.connect((a, b) => a === member.id || b === member.id);
  },
  advance(cluster, words) {
    cluster.advance(words.number('milliseconds', 1), words.keyword('stabilize'));
  },
  snapshot: takeSnapshot,
  compact(cluster, words) {
    const member = cluster.member(words.member());
    const below = member.journal.durable.compactBelow;
    const gone = member.journal.compact();
    cluster.transcript.news(
      gone === 0 ? `${member.id} has nothing to drop` : `${member.id} drops ${gone} entries below ${below}`,
    );
  },
  transfer(cluster, words) {
    for (const [from, to] of directions(cluster, words.path())) cluster.member(from).step({ type: 'transfer', to });
  },
  reconfigure,
  stabilize(cluster, words) {
    const ids = words.members();
    cluster.turns();
    cluster.stabilize(ids.length === 0 ? cluster.ids : ids);
  },
  log(cluster, words) {
    for (const member of chosen(cluster, words)) cluster.transcript.news(`${member.id}: ${logText(member)}`);
  },
  status,
};

function running<M>(cluster: Cluster<M>, id: MemberId): Member<M> {
  const member = cluster.member(id);
  if (!member.isUp) throw new TraceError(`${id} is down`);
  return member;
}

function chosen<M>(cluster: Cluster<M>, words: Arguments): Member<M>[] {
  const ids = words.members();
  return (ids.length === 0 ? cluster.ids : ids).map((id) => cluster.member(id));
}

function inDoubt<M>({ journal }: Member<M>): string {
  if (journal.unsyncedCount === 0) return '';
  return `, unsynced w${formatRange({ from: journal.lastWrite - journal.unsyncedCount + 1, to: journal.lastWrite })}`;
}

function isWild(path: Path): boolean {
  return path.from?.length !== 1 || path.to?.length !== 1;
}

function directions<M>(cluster: Cluster<M>, path: Path): readonly (readonly [MemberId, MemberId])[] {
  for (const id of [...(path.from ?? []), ...(path.to ?? [])]) cluster.member(id);
  return cluster.network.directions(path, cluster.ids);
}

function eachDirection<M>(cluster: Cluster<M>, path: Path, run: (from: MemberId, to: MemberId) => void): void {
  for (const [from, to] of directions(cluster, path)) {
    run(from, to);
    cluster.turns();
  }
}

/** The messages that a path and a selection mean; none at all is a mistake in the trace. */
function selected<M>(cluster: Cluster<M>, path: Path, words: Arguments): Parcel<M>[] {
  const selection = words.selection();
  const found = directions(cluster, path).flatMap(([from, to]) => cluster.network.selected(from, to, selection));
  if (found.length === 0) throw new TraceError('no such message is under way');
  return found;
}

function duplicate<M>(cluster: Cluster<M>, words: Arguments): void {
  for (const parcel of selected(cluster, words.path(), words)) {
    const { from, to, lane, cargo } = parcel;
    if (cargo.what === 'snapshot') throw new TraceError('a snapshot is pulled, it cannot be duplicated');
    cluster.transcript.detail(`${from}->${to} ${lane}: ${cluster.member(from).describe(cargo)}, duplicated`);
    if (cluster.network.delivery === 'fifo') cluster.endLink(from, to, 'duplicated a message');
    else cluster.network.put({ ...parcel, held: false, cargo: { ...cargo, message: structuredClone(cargo.message) } });
  }
}

/** `hold PATH [lane]` holds all that is and will be under way there; with a number, only those messages. */
function hold<M>(cluster: Cluster<M>, words: Arguments, held: boolean): void {
  const path = words.path();
  const { lane, count, place } = words.selection();
  for (const [from, to] of directions(cluster, path)) {
    if (count === undefined && place === undefined) {
      cluster.network.hold(from, to, lane, held);
      continue;
    }
    const found = cluster.network.selected(from, to, { lane, count, place });
    if (found.length === 0) throw new TraceError('no such message is under way');
    for (const parcel of found) parcel.held = held;
  }
}

function loseUnsynced<M>(cluster: Cluster<M>, words: Arguments): void {
  const member = cluster.member(words.member());
  if (member.isUp) throw new TraceError(`${member.id} is up: only a crash loses what is unsynced`);
  const lost = member.journal.loseUnsynced(words.optionalNumber('a count to keep', 0) ?? 0);
  cluster.transcript.news(`${member.id} loses ${lost} unsynced ${lost === 1 ? 'write' : 'writes'}`);
}

function takeSnapshot<M>(cluster: Cluster<M>, words: Arguments): void {
  const member = running(cluster, words.member());
  const { applied, ordinal, incarnation, id } = member;
  if (applied === 0) throw new TraceError(`${id} has applied nothing`);
  const named = member.core.metaAt(applied);
  const meta = { ...named, id: `s${applied}-${id}-${incarnation}`, ordinal, bytes: 1, stateMachine: 'trace', version: 1 };
  member.snapshots.set(meta.id, meta);
  cluster.transcript.news(`${id} has taken snapshot ${meta.id}`);
  member.step({ type: 'snapshotTaken', meta });
}

function reconfigure<M>(cluster: Cluster<M>, words: Arguments): void {
  const member = running(cluster, words.member());
  const { config } = member.core.status();
  const options = new TraceOptions(words.rest());
  const voters = memberList(options.text('voters') ?? config.voters.join(','));
  const learners = memberList(options.text('learners') ?? (config.learners.join(',') || '-'));
  const expectedId = options.number('expected', config.id);
  options.end();
  member.step({ type: 'reconfigure', change: { ...genesisOf(voters, learners), id: expectedId + 1 }, expectedId });
}

/** The log as the disk holds it: `|` behind what is committed there, `*` for what a crash may lose, `-` for a hole. */
function logText<M>(member: Member<M>): string {
  const { written } = member.journal;
  const commit = member.isUp ? member.core.status().commit : written.commit;
  const parts: string[] = written.snapshot === undefined ? [] : [`[${written.snapshot.id}]`];
  let next = 0;
  let marked = false;
  for (const entry of written.entries()) {
    if (next !== 0 && entry.index > next) parts.push(`${formatRange({ from: next, to: entry.index - 1 })}:-`);
    if (!marked && entry.index > commit) marked = parts.push('|') > 0;
    const unsynced = member.journal.isUnsynced(entry) ? '*' : '';
    parts.push(formatEntry(entry.index, entry.kind, entry.payload, entry.epoch) + unsynced);
    next = entry.index + 1;
  }
  return parts.length === 0 ? 'empty' : parts.join(' ');
}

/** `status [nodes] [detail]`, or `status wire`: what is under way. */
function status<M>(cluster: Cluster<M>, words: Arguments): void {
  if (words.keyword('wire')) {
    wire(cluster);
    return;
  }
  const ids = words.rest();
  const detailed = ids.at(-1) === 'detail';
  const listed = (detailed ? ids.slice(0, -1) : ids).flatMap(memberList);
  for (const id of listed.length === 0 ? cluster.ids : listed) {
    const member = cluster.member(id);
    if (!member.isUp) {
      cluster.transcript.news(`${id}: down`);
      continue;
    }
    const { role, commit, applied, first, last, config, detail } = member.core.status();
    const numbers = `commit ${commit} applied ${applied} log ${first}-${last}`;
    cluster.transcript.news(`${id}: ${formatRole(id, role)}; ${numbers}; ${formatConfig(config)}`);
    if (detailed) cluster.transcript.news(`   ${JSON.stringify(detail)}`);
  }
}

function wire<M>(cluster: Cluster<M>): void {
  const { network, transcript } = cluster;
  for (const [from, to] of network.directions({ from: undefined, to: undefined }, cluster.ids)) {
    for (const parcel of network.underWay(from, to)) {
      const text = cluster.member(from).describe(parcel.cargo);
      transcript.news(`${from}->${to} ${parcel.lane}: ${text}${network.isHeld(parcel) ? ', held' : ''}`);
    }
  }
}
