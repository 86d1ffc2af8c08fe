import type { Config } from '@quorate/interface';
import { memberName } from '@quorate/replica';
import type { Replica, ReplicaStatus } from '@quorate/replica';
import type { MetricLabels, MetricSample } from './metrics.ts';
import type { NodeHost } from './node-host.ts';

/** What the process itself says: memory, processor time, lateness of the event loop. */
export function processSamples(host: NodeHost): () => Iterable<MetricSample> {
  const startedSeconds = Math.round((host.wallMs() - process.uptime() * 1000) / 1000);
  return () => {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    return [
      gauge('process_resident_memory_bytes', 'Resident memory.', rss),
      gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', heapUsed),
      counter('process_cpu_seconds_total', 'User and system processor time.', (user + system) / 1e6),
      gauge('process_start_time_seconds', 'Start of the process since the epoch.', startedSeconds),
      gauge(
        'nodejs_eventloop_lag_seconds',
        'Worst lateness of a timer since the last scrape.',
        host.takeWorstLatenessMs() / 1000,
      ),
    ];
  };
}

/** What the member says: role, positions, queues, journal, links, counters. */
export function memberSamples(replica: Replica, genesis: Config): () => Iterable<MetricSample> {
  return () => {
    const status = replica.status();
    return [
      ...roleSamples(status),
      ...queueSamples(status),
      ...journalSamples(status),
      ...linkSamples(status, genesis),
      ...messageSamples(status),
      ...leadershipSamples(status),
      ...counts(status),
    ];
  };
}

function* roleSamples({
  role,
  leader,
  settled,
  ready,
  core,
  applied,
  ordinal,
  sessions,
  state,
}: ReplicaStatus): Iterable<MetricSample> {
  yield gauge('quorate_has_leader', 'Whether a leader is known.', leader === undefined ? 0 : 1);
  yield gauge('quorate_is_leader', 'Whether this member leads and accepts proposals.', ready ? 1 : 0);
  yield gauge('quorate_is_settled', 'Whether this leader has applied all that earlier ones committed.', settled ? 1 : 0);
  yield gauge('quorate_role', 'The role, as a label.', 1, { role: role?.role ?? 'none', state });
  yield gauge('quorate_epoch', 'Round of the epoch (term, ballot).', role?.epoch.round ?? Number.NaN);
  yield gauge('quorate_commit_index', 'Highest index known committed.', core?.commit ?? Number.NaN);
  yield gauge('quorate_last_index', 'Last index in the log.', core?.last ?? Number.NaN);
  yield gauge('quorate_first_index', 'First index still in the log.', core?.first ?? Number.NaN);
  yield gauge('quorate_applied_index', 'Highest index applied.', applied);
  yield counter('quorate_commands_delivered_total', 'Commands applied since the cluster began.', ordinal);
  yield gauge('quorate_sessions', 'Replicated client sessions.', sessions);
}

function* queueSamples({ queues, snapshot }: ReplicaStatus): Iterable<MetricSample> {
  for (const [name, value] of Object.entries(queues))
    yield gauge(`quorate_queue_${snake(name)}`, 'Waiting inside the member.', value);
  yield gauge('quorate_snapshot_index', 'Index of the current snapshot.', snapshot.index);
  yield gauge('quorate_snapshot_bytes', 'Size of the current snapshot.', snapshot.bytes);
}

function* journalSamples({ journal }: ReplicaStatus): Iterable<MetricSample> {
  for (const [name, value] of Object.entries(journal)) {
    // A text, such as the sync mode, is a label of a constant.
    if (typeof value === 'string') yield gauge(`quorate_journal_${snake(name)}`, 'See the label.', 1, { value });
    else yield gauge(`quorate_journal_${snake(name)}`, 'See the storage.', value);
  }
}

function* linkSamples({ links }: ReplicaStatus, genesis: Config): Iterable<MetricSample> {
  for (const { peer, kind, queuedBytes, gatedBytes } of links) {
    if (kind !== 'member') continue;
    const labels = { peer: memberName(genesis, peer) };
    yield gauge('quorate_peer_up', 'Whether the link to a member is up.', 1, labels);
    yield gauge('quorate_peer_queued_bytes', 'Bytes not yet taken by the network.', queuedBytes, labels);
    yield gauge('quorate_peer_gated_bytes', 'Bytes that wait for the own disk.', gatedBytes, labels);
  }
  yield gauge('quorate_client_links', 'Links of native clients.', links.filter(({ kind }) => kind === 'client').length);
}

function* messageSamples({ messagesOut }: ReplicaStatus): Iterable<MetricSample> {
  for (const [kind, value] of Object.entries(messagesOut))
    yield counter('quorate_messages_sent_total', 'Messages of the protocol that left for other members, by kind.', value, {
      kind,
    });
}

/** When this leader came to lead. A scrape may be late, and clocks of processes begin at their own zero: the epoch is common to all. */
function* leadershipSamples({ role }: ReplicaStatus): Iterable<MetricSample> {
  if (role?.role !== 'leader') return;
  const { suspectedAt, electedAt, readyAt } = role;
  for (const [stage, atMs] of Object.entries({ suspected: suspectedAt, elected: electedAt, ready: readyAt })) {
    const seconds = atMs === 0 ? Number.NaN : (performance.timeOrigin + atMs) / 1000;
    yield gauge(
      'quorate_leadership_timestamp_seconds',
      'When a stage on the way to this leadership was reached, since the epoch.',
      seconds,
      {
        stage,
      },
    );
  }
}

function* counts({ counters }: ReplicaStatus): Iterable<MetricSample> {
  for (const [name, value] of Object.entries<number>({ ...counters })) {
    if (name === 'worstLatenessMs')
      yield gauge('quorate_worst_lateness_seconds', 'The latest that a timer ever fired.', value / 1000);
    else yield counter(`quorate_${snake(name)}_total`, 'Counted since the start of the process.', value);
  }
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`).replaceAll(/[^a-z0-9_]/gu, '_');
}

function gauge(name: string, help: string, value: number, labels: MetricLabels = {}): MetricSample {
  return { kind: 'gauge', name, help, value, labels };
}

function counter(name: string, help: string, value: number, labels: MetricLabels = {}): MetricSample {
  return { kind: 'counter', name, help, value, labels };
}
