import type { FlagDefinition } from './flag-table.ts';
import type { ServiceDefaults } from './service.ts';

/** What a member can be assembled from, by name. */
export interface AvailableNames {
  readonly protocols: readonly string[];
  readonly transports: readonly string[];
}

/** The flags of every member, in the order of `--help`. Names follow etcd's, so that operators know them. */
export function memberFlagTable(defaults: ServiceDefaults, names: AvailableNames): readonly FlagDefinition[] {
  return [
    text('name', 'default', "this member's name, as in --initial-cluster"),
    { ...text('data-dir', '', 'directory for everything durable; ./NAME.quorate if not set'), placeholder: 'DIR' },
    choice('protocol', names.protocols, 'consensus protocol; fixed once a data directory exists'),
    choice('transport', names.transports, 'how members speak to each other, the same on all of them'),
    choice('storage', ['file', 'memory'], 'memory forgets everything at exit: for trials only'),
    list('listen-client-urls', defaults.listenClientUrls, 'where clients connect'),
    list('advertise-client-urls', '', 'what clients are told; the listening URLs if not set'),
    ...(defaults.listenApiUrls === undefined
      ? []
      : [list('listen-api-urls', defaults.listenApiUrls, 'where the HTTP/JSON API listens')]),
    list('listen-peer-urls', defaults.listenPeerUrls, 'where other members connect'),
    list('initial-advertise-peer-urls', '', 'what other members dial; the listening URLs if not set'),
    {
      ...list('initial-cluster', '', 'all members and their peer URLs, the same on each; this member alone if not set'),
      placeholder: 'NAME=URL,NAME=URL',
    },
    text('initial-cluster-token', 'quorate', 'tells clusters apart; the same on all members of one'),
    choice('initial-cluster-state', ['new', 'existing'], 'existing: never start a new data directory'),
    integer('heartbeat-interval', { default: 100, min: 1, max: 60_000 }, 'milliseconds; below half of the election timeout'),
    integer('election-timeout', { default: 1000, min: 10, max: 600_000 }, 'milliseconds without a leader before an election'),
    integer('snapshot-count', { default: 10_000, min: 1, max: 1_000_000_000 }, 'entries between two snapshots, at least'),
    integer('max-request-bytes', { default: 1_572_864, min: 1024, max: 8_388_608 }, 'the largest request of a client'),
    choice('log-format', ['text', 'json'], 'lines on stderr'),
    list('listen-native-urls', '', 'door of the native client, such as tcp://127.0.0.1:2378; off if not set'),
    flagSwitch('insecure', 'allow addresses beyond loopback without TLS: everyone who can connect can read and write'),
    ...tlsFlags,
  ];
}

/** Recognised, so that they are never ignored in silence. */
export const tlsFlags: readonly FlagDefinition[] = [
  text('cert-file', '', 'TLS for clients (not yet)'),
  text('key-file', '', 'TLS for clients (not yet)'),
  text('trusted-ca-file', '', 'TLS for clients (not yet)'),
  flagSwitch('client-cert-auth', 'TLS for clients (not yet)'),
  flagSwitch('auto-tls', 'TLS for clients (not yet)'),
  text('peer-cert-file', '', 'TLS between members (not yet)'),
  text('peer-key-file', '', 'TLS between members (not yet)'),
  text('peer-trusted-ca-file', '', 'TLS between members (not yet)'),
  flagSwitch('peer-client-cert-auth', 'TLS between members (not yet)'),
  flagSwitch('peer-auto-tls', 'TLS between members (not yet)'),
];

function text(name: string, value: string, help: string): FlagDefinition {
  return { name, kind: 'text', default: value, help };
}

function list(name: string, value: string, help: string): FlagDefinition {
  return { name, kind: 'list', default: value, help, placeholder: 'URL,URL' };
}

function choice(name: string, choices: readonly string[], help: string): FlagDefinition {
  return { name, kind: 'choice', default: choices[0] ?? '', help, choices };
}

function integer(name: string, range: { default: number; min: number; max: number }, help: string): FlagDefinition {
  return { name, kind: 'integer', default: `${range.default}`, help, min: range.min, max: range.max };
}

function flagSwitch(name: string, help: string): FlagDefinition {
  return { name, kind: 'switch', default: 'false', help };
}
