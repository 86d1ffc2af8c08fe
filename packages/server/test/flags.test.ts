import { describe, expect, test } from 'vitest';
import { protocolNames, transportNames } from '../src/assembly.ts';
import { memberFlagTable } from '../src/member-flag-table.ts';
import type { MemberFlags } from '../src/member-flags.ts';
import { parseFlags, variableOf } from '../src/parse-flags.ts';
import { resolveFlags } from '../src/resolve-flags.ts';
import type { ResolvedFlags } from '../src/resolve-flags.ts';
import { runService } from '../src/run-service.ts';
import { registerService } from './fixtures/register-service.ts';

const table = memberFlagTable(registerService.defaults, { protocols: protocolNames, transports: transportNames });
const extra = registerService.extraFlags ?? [];

function resolve(argv: readonly string[], env: Record<string, string> = {}): ResolvedFlags {
  const given = parseFlags([...table, ...extra], { argv, env });
  return resolveFlags(given, { table, extra, clientSchemes: ['http'] });
}

function flagsOf(argv: readonly string[], env: Record<string, string> = {}): MemberFlags {
  const { flags, problems } = resolve(argv, env);
  expect(problems).toEqual([]);
  return flags;
}

async function refused(argv: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; lines: string[] }> {
  let text = '';
  const code = await runService(registerService, { argv, env, stderr: (part) => void (text += part), stdout: () => undefined });
  return { code, lines: text.trimEnd().split('\n') };
}

const three = '--initial-cluster=n1=tcp://127.0.0.1:1001,n2=tcp://127.0.0.1:1002,n3=tcp://127.0.0.1:1003';

describe('flags', () => {
  test('none at all: one member on loopback with its data here', () => {
    expect(flagsOf([])).toMatchObject({
      name: 'default',
      dataDir: './default.quorate',
      protocol: 'raft',
      transport: 'tcp',
      storage: 'file',
      listenClientUrls: ['http://127.0.0.1:7079'],
      advertiseClientUrls: ['http://127.0.0.1:7079'],
      listenPeerUrls: ['tcp://127.0.0.1:7080'],
      initialAdvertisePeerUrls: ['tcp://127.0.0.1:7080'],
      initialCluster: [{ name: 'default', peerUrls: ['tcp://127.0.0.1:7080'] }],
      heartbeatMs: 100,
      electionTimeoutMs: 1000,
      snapshotCount: 10_000,
      maxRequestBytes: 1_572_864,
      listenNativeUrls: [],
      insecure: false,
    });
  });

  test('with an equals sign, with a space, and by environment; the command line wins', () => {
    const env = { QUORATE_NAME: 'n9', QUORATE_DATA_DIR: '/data/x', QUORATE_DOOR_GREETING: 'hi', OTHER: 'x' };
    const flags = flagsOf(['--name', 'n1', '--heartbeat-interval=50', '--insecure'], env);
    expect(flags).toMatchObject({ name: 'n1', heartbeatMs: 50, dataDir: '/data/x', insecure: true });
    expect(flags.extra.get('door-greeting')).toBe('hi');
    expect(variableOf('data-dir')).toBe('QUORATE_DATA_DIR');
  });

  test('the HTTP API of a service that has one is a door like the others', () => {
    const defaults = { ...registerService.defaults, listenClientUrls: 'zk://127.0.0.1:1', listenApiUrls: 'http://127.0.0.1:2' };
    const withApi = memberFlagTable(defaults, { protocols: protocolNames, transports: transportNames });
    const read = (argv: readonly string[], env: Record<string, string> = {}): ResolvedFlags =>
      resolveFlags(parseFlags(withApi, { argv, env }), { table: withApi, extra: [], clientSchemes: ['zk'] });
    expect(read([]).flags).toMatchObject({ listenClientUrls: ['zk://127.0.0.1:1'], listenApiUrls: ['http://127.0.0.1:2'] });
    expect(read([], { QUORATE_LISTEN_API_URLS: 'http://[::1]:3' }).flags.listenApiUrls).toEqual(['http://[::1]:3']);
    const textsOf = (argv: readonly string[]): readonly string[] =>
      read(argv).problems.map(({ code, text }) => `${code}: ${text}`);
    expect(textsOf(['--listen-api-urls=http://10.1.1.1:3'])).toEqual([
      expect.stringMatching(/^E_INSECURE: http:\/\/10\.1\.1\.1:3/u),
    ]);
    expect(textsOf(['--listen-api-urls=zk://127.0.0.1:3'])).toEqual([expect.stringMatching(/^E_URL: .*allowed: http/u)]);
    expect(textsOf(['--listen-api-urls=http://127.0.0.1:7080'])).toEqual([
      expect.stringMatching(/^E_URL: --listen-peer-urls and --listen-api-urls both name/u),
    ]);
    expect(resolve(['--listen-api-urls=http://127.0.0.1:3']).problems).toMatchObject([{ code: 'E_FLAG_UNKNOWN' }]);
    expect(flagsOf([]).listenApiUrls).toEqual([]);
  });

  test('three members', () => {
    const flags = flagsOf(['--name', 'n2', '--listen-peer-urls', 'tcp://127.0.0.1:1002', three]);
    expect(flags.initialCluster.map(({ name }) => name)).toEqual(['n1', 'n2', 'n3']);
  });

  test('URLs come into normal form', () => {
    const flags = flagsOf(['--listen-client-urls=http://LOCALHOST:80/,http://[0:0::1]:81']);
    expect(flags.listenClientUrls).toEqual(['http://localhost:80', 'http://[::1]:81']);
  });

  test('an even number of members, foreign variables, memory and --insecure warn', () => {
    const args = ['--name=n1', '--storage=memory', '--insecure', '--listen-peer-urls=tcp://10.0.0.1:1001'];
    const cluster = '--initial-cluster=n1=tcp://10.0.0.1:1001,n2=tcp://10.0.0.2:1001';
    const { problems, warnings } = resolve([...args, cluster], { QUORATE_SERVICE_HOST: '10.1.2.3' });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      'QUORATE_SERVICE_HOST is no variable of ours and has no effect',
      'tcp://10.0.0.1:1001 is open to everyone who can reach it: no TLS (--insecure)',
      '2 members tolerate no more failures than 1 do',
      '--storage memory forgets everything, also its votes, when the process ends',
    ]);
  });
});

describe('bad input', () => {
  const peer2 = ['--name=n2', '--listen-peer-urls=tcp://127.0.0.1:1002'];
  test.each<[string, readonly string[], number, RegExp]>([
    ['an unknown flag', ['--nam=n1'], 64, /^E_FLAG_UNKNOWN: there is no flag --nam\. Did you mean --name\?$/],
    ['an unknown flag with one dash', ['-data-dir', 'x'], 64, /^E_FLAG_UNKNOWN: .*Did you mean --data-dir\?$/],
    ['an unknown flag that is like no other', ['--xyzzy=1'], 64, /^E_FLAG_UNKNOWN: there is no flag --xyzzy\. See --help\.$/],
    ['a word without a flag', ['start'], 64, /^E_ARGUMENT: "start" belongs to no flag/],
    ['a flag without its value', ['--name'], 64, /^E_FLAG_VALUE: --name has no value/],
    ['a flag with an empty value', ['--data-dir='], 64, /^E_FLAG_VALUE: --data-dir has no value/],
    ['a flag followed by another', ['--name', '--insecure'], 64, /^E_FLAG_VALUE: --name has no value/],
    ['help with a value', ['--help=1'], 64, /^E_FLAG_VALUE: --help is given a value, allowed: none\. Write --help alone\.$/],
    ['a flag given twice', ['--name=a', '--name=b'], 64, /^E_FLAG_TWICE: --name is given twice/],
    ['a number that is a word', ['--snapshot-count=abc'], 64, /^E_FLAG_VALUE: --snapshot-count is "abc", allowed: an integer/],
    ['a number that is NaN', ['--election-timeout=NaN'], 64, /^E_FLAG_VALUE: --election-timeout is "NaN"/],
    ['a number that is infinite', ['--heartbeat-interval=Infinity'], 64, /^E_FLAG_VALUE/],
    ['a number with a fraction', ['--heartbeat-interval=1.5'], 64, /^E_FLAG_VALUE/],
    ['a switch that is neither', ['--insecure=maybe'], 64, /^E_FLAG_VALUE: --insecure is "maybe", allowed: true or false/],
    ['a number below its range', ['--heartbeat-interval=0'], 78, /^E_FLAG_RANGE: --heartbeat-interval is 0, allowed: 1 to 60000/],
    ['a negative number', ['--election-timeout', '-5'], 78, /^E_FLAG_RANGE: --election-timeout is -5/],
    ['a number beyond all ranges', ['--snapshot-count=99999999999999999999'], 78, /^E_FLAG_RANGE/],
    [
      'heartbeat not below half of the election timeout',
      ['--heartbeat-interval=500'],
      78,
      /^E_TIMING: .*500 >= 1000 \/ 2.*<.*\/ 2/,
    ],
    ['an unknown protocol', ['--protocol=paxos'], 78, /^E_PROTOCOL: --protocol is "paxos", allowed: raft/],
    ['an unknown transport', ['--transport=smoke'], 78, /^E_TRANSPORT: --transport is "smoke", allowed: tcp, zeromq/],
    ['an unknown storage', ['--storage=tape'], 78, /^E_FLAG_VALUE: --storage is "tape", allowed: file, memory/],
    ['no URL at all', ['--listen-client-urls=here'], 78, /^E_URL: --listen-client-urls "here" is no URL, allowed/],
    ['a URL of another scheme', ['--listen-peer-urls=http://127.0.0.1:1'], 78, /^E_URL: .*has the scheme http, allowed: tcp/],
    ['a port of 70000', ['--listen-peer-urls=tcp://127.0.0.1:70000'], 78, /^E_URL: .*has the port 70000, allowed: 1 to 65535/],
    ['a port of 0', ['--listen-peer-urls=tcp://127.0.0.1:0'], 78, /^E_URL: .*has the port 0/],
    ['a port that is a word', ['--listen-peer-urls=tcp://127.0.0.1:abc'], 78, /^E_URL: .*has the port abc/],
    ['a port of NaN', ['--listen-peer-urls=tcp://127.0.0.1:NaN'], 78, /^E_URL: .*has the port NaN/],
    ['no port', ['--listen-peer-urls=tcp://127.0.0.1'], 78, /^E_URL: .*has no port/],
    ['no host', ['--listen-peer-urls=tcp://:2380'], 78, /^E_URL: .*has no valid host/],
    ['an impossible host', ['--listen-peer-urls=tcp://300.1.2.3:2380'], 78, /^E_URL: .*has no valid host/],
    ['IPv6 without brackets', ['--listen-peer-urls=tcp://::1:2380'], 78, /^E_URL: .*IPv6 address without brackets/],
    ['a URL with a path', ['--listen-client-urls=http://127.0.0.1:1/v3'], 78, /^E_URL: .*has a path, allowed: host and port/],
    ['a URL with a query', ['--listen-client-urls=http://127.0.0.1?a=1:2'], 78, /^E_URL: .*has a path, allowed: host and port/],
    ['a URL with a password', ['--listen-client-urls=http://u:p@127.0.0.1:1'], 78, /^E_URL: .*has a user or password, allowed/],
    ['a URL with a backslash', ['--listen-client-urls=http://127.0.0.1\\x:1'], 78, /^E_URL: .*has a path, allowed/],
    [
      'two doors at one place',
      ['--listen-client-urls=http://127.0.0.1:1', '--listen-peer-urls=tcp://127.0.0.1:1'],
      78,
      /^E_URL: --listen-peer-urls and --listen-client-urls both name 127\.0\.0\.1 port 1/,
    ],
    ['a bad name', ['--name=a b'], 78, /^E_NAME: --name is "a b"/],
    ['self missing', ['--name=n4', three], 78, /^E_CLUSTER: --initial-cluster has no member called n4, it names n1, n2, n3/],
    ['self at another URL', ['--name=n1', three], 78, /^E_CLUSTER: .*has n1 at tcp:\/\/127\.0\.0\.1:1001, but/],
    ['two members of one name', [...peer2, `${three},n2=tcp://127.0.0.1:1009`], 78, /^E_CLUSTER: .*two members called n2/],
    [
      'two members at one URL',
      [...peer2, `${three},n4=tcp://127.0.0.1:1001`],
      78,
      /^E_CLUSTER: .*two members at tcp:\/\/127\.0\.0\.1:1001/,
    ],
    [
      'nothing that could be read',
      ['--name=n1', '--initial-cluster=n1'],
      78,
      /^E_CLUSTER: --initial-cluster has the part "n1", allowed: NAME=URL\. Correct it\.$/,
    ],
    ['a member without a URL', [...peer2, `${three},n4`], 78, /^E_CLUSTER: .*the part "n4", allowed: NAME=URL/],
    ['a member with a bad URL', [...peer2, `${three},n4=tcp://x`], 78, /^E_URL: --initial-cluster "tcp:\/\/x" has no port/],
    ['beyond loopback', ['--listen-client-urls=http://10.1.1.1:1'], 78, /^E_INSECURE: http:\/\/10\.1\.1\.1:1 .*--insecure/],
    [
      'everywhere',
      ['--insecure', '--listen-peer-urls=tcp://0.0.0.0:1'],
      78,
      /^E_URL: --initial-advertise-peer-urls is tcp:\/\/0\.0\.0\.0:1/,
    ],
    ['TLS', ['--cert-file=x.pem'], 78, /^E_TLS: --cert-file asks for TLS, which this version does not have yet/],
    ['TLS as a switch', ['--peer-client-cert-auth'], 78, /^E_TLS: --peer-client-cert-auth/],
  ])('%s', async (_what, argv, exit, line) => {
    const { code, lines } = await refused(argv);
    expect(
      lines.some((text) => line.test(text)),
      lines.join('\n'),
    ).toBe(true);
    expect(code).toBe(exit);
  });

  test('a variable that is misspelt, and one with a wrong value', async () => {
    const { code, lines } = await refused([], { QUORATE_DATADIR: 'x', QUORATE_SNAPSHOT_COUNT: 'many' });
    expect(lines).toEqual([
      'E_ENV_UNKNOWN: there is no variable QUORATE_DATADIR. Did you mean QUORATE_DATA_DIR?',
      'E_FLAG_VALUE: QUORATE_SNAPSHOT_COUNT is "many", allowed: an integer. Correct it.',
    ]);
    expect(code).toBe(78);
  });

  test('everything that is wrong is told at once', async () => {
    const { code, lines } = await refused([
      '--nmae=n1',
      '--heartbeat-interval=600',
      '--listen-peer-urls=x',
      '--protocol=viewstamped',
    ]);
    expect(lines.map((line) => line.split(':')[0])).toEqual(['E_FLAG_UNKNOWN', 'E_PROTOCOL', 'E_URL', 'E_TIMING']);
    expect(code).toBe(64);
  });

  test('as JSON where that is asked for', async () => {
    const { lines } = await refused(['--log-format=json', '--nope']);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      code: 'E_FLAG_UNKNOWN',
      message: /there is no flag --nope/,
    });
  });
});

describe('--help and --version', () => {
  test('the table names every flag with its default', async () => {
    let text = '';
    const code = await runService(registerService, {
      argv: ['--help', '--nonsense'],
      env: {},
      stdout: (part) => void (text += part),
    });
    expect(code).toBe(0);
    for (const { name } of [...table, ...extra]) expect(text).toContain(`--${name}`);
    expect(text).toMatch(/--election-timeout N +1000 +milliseconds/);
    expect(text).toContain('http://127.0.0.1:7079');
    expect(text).toMatch(/--data-dir DIR +dir/);
    expect(text).toMatch(/--listen-peer-urls URL,URL +tcp:/);
    expect(text).toMatch(/--initial-cluster NAME=URL,NAME=URL +all members/);
  });

  test('the version is one line', async () => {
    let text = '';
    const code = await runService(registerService, { argv: ['--version'], env: {}, stdout: (part) => void (text += part) });
    expect(code).toBe(0);
    expect(text).toBe('quorate-register 1.2.3\n');
  });
});
