import type { Epoch, JournalBatch, RoleChange } from '@quorate/interface';
import { lastOf } from '@quorate/interface';
import type { MemberRecord, Observer, Scene } from '@quorate/simulator';
import type { TraceLine } from './trace-line.ts';

/** Writes down what crosses the contracts of all members. */
export function tracer({ world }: Scene, write: (line: TraceLine) => void): Observer {
  const say = (member: MemberRecord, what: string, text: string, data: object = {}): void =>
    write({ atMs: world.time.nowMs, who: `n${member.id}.${member.lives}`, what, text, data: { ...data, text } });
  return {
    recovered: (member, { commit, snapshot, runs, damaged }) => {
      const last = runs.at(-1);
      const held = last === undefined ? 'no entries' : `entries to ${last.to}`;
      const below = snapshot === undefined ? '' : `, snapshot at ${snapshot.index}`;
      const spoiled = damaged.length === 0 ? '' : `, ${damaged.length} damaged ranges`;
      say(member, 'start', `life ${member.lives} finds ${held}, commit ${commit}${below}${spoiled}`, { commit });
    },
    appended: (member, batch, number) => say(member, 'append', `write ${number}: ${describeBatch(batch)}`, { write: number }),
    durable: (member, number) =>
      say(member, 'durable', `up to write ${number}: entries to ${member.durable.last}`, {
        write: number,
        last: member.durable.last,
      }),
    drained: (member, { role }) => {
      if (role !== undefined) say(member, 'role', describeRole(role), { role });
    },
    committed: (member, from, to) => say(member, 'commit', from === to ? `entry ${to}` : `entries ${from}-${to}`, { from, to }),
    restored: (member) => say(member, 'restore', 'the state machine is a snapshot’s now'),
    event: (member, event) => {
      if (event.type === 'trace') for (const each of event.events) say(member, 'core', describeEvent(each), each);
      else if (event.type === 'log') say(member, 'log', event.text);
      else if (event.type === 'link')
        say(
          member,
          'link',
          `link ${event.link} to n${event.peer} is ${event.stage}${event.reason === undefined ? '' : `: ${event.reason}`}`,
        );
      else if (event.type === 'snapshot')
        say(member, 'snapshot', `${event.stage} at ${event.meta.index} (${event.meta.bytes} bytes)`, {
          stage: event.stage,
          index: event.meta.index,
        });
      else if (event.type === 'config')
        say(member, 'config', `${event.stage}: configuration ${event.config.id}, voters ${event.config.voters.join(' ')}`);
      else if (event.type === 'fatal') say(member, 'fatal', `${event.failure.code}: ${event.failure.text}`);
    },
    struck: (action, target) => {
      const { kind, peer, forMs, amount } = action;
      const text = `${kind} hits member ${target} (peer ${peer}, for ${forMs.toFixed(0)} ms, amount ${amount.toPrecision(4)})`;
      write({ atMs: world.time.nowMs, who: 'world', what: 'fault', text, data: { kind, target, peer, forMs, amount } });
    },
    ended: (member, { how, code, text, exit }) =>
      say(member, 'end', how === 'exit' ? `exit ${exit} by itself: ${code}: ${text}` : how, {
        how,
        ...(code === undefined ? {} : { code }),
      }),
  };
}

function describeRole({ role, epoch, leader, ready, settled }: RoleChange): string {
  const how = [ready ? 'ready' : '', settled ? 'settled' : ''].filter((part) => part !== '').join(', ');
  const under = leader === undefined ? ' without a leader' : ` under ${leader}`;
  return `${role} in ${describeEpoch(epoch)}${role === 'leader' ? '' : under}${how === '' ? '' : ` (${how})`}`;
}

function describeBatch({ entries, truncateFrom, hardState, snapshotMark, compactBelow, commit }: JournalBatch): string {
  const parts = entries
    .filter(({ count }) => count > 0)
    .map((run) => `${run.first}-${lastOf(run)} of ${describeEpoch(run.epoch)} (${run.kind})`);
  if (truncateFrom !== undefined) parts.unshift(`cut from ${truncateFrom}`);
  if (snapshotMark !== undefined) parts.unshift(`snapshot mark at ${snapshotMark.index}`);
  if (hardState !== undefined) parts.push('hard state');
  if (compactBelow !== undefined) parts.push(`compact below ${compactBelow}`);
  return [...parts, `commit ${commit}`].join(', ');
}

function describeEvent(event: object): string {
  const { event: name, ...rest } = event as { readonly event?: string };
  const details = Object.entries(rest).map(([key, value]) => `${key} ${describeValue(value)}`);
  return [name ?? 'event', ...details].join(' ');
}

/** Ballots, zxids and votes are small records: `{round 3, owner 2}`. */
function describeValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(describeValue).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Map) return describeValue([...value]);
  if (Symbol.iterator in value) return describeValue([...(value as Iterable<unknown>)]);
  return `{${Object.entries(value)
    .map(([key, part]) => `${key} ${describeValue(part)}`)
    .join(', ')}}`;
}

/** Only ballots have an owner. */
function describeEpoch({ round, owner }: Epoch): string {
  return owner === 0 ? `epoch ${round}` : `ballot ${round}.${owner}`;
}
