import { detectionOf, isAsPredicted } from './predictions.ts';
import type {
  Compared,
  FailoverRow,
  Finding,
  MeasuredVariant,
  RegionsResult,
  RemainderRow,
  SimulatedResult,
} from './simulated-result.ts';

/** Everything that was measured. */
export type Measured = Pick<SimulatedResult, 'commits' | 'failovers' | 'regions' | 'staleness' | 'remainders' | 'electability'>;

/** A commit that waits longer than the formula by more than this share of it needs an explanation. */
const deviationLimit = 0.05;

/** Puts what was measured beside what theory says. A deviation is told with its reason, or as one that nobody has explained. */
export function findingsOf(measured: Measured): readonly Finding[] {
  return [
    messages(measured),
    roundTrips(measured),
    staleness(measured),
    detection(measured),
    failoverOrder(measured),
    ...failoverSteps(measured),
    uncommittedTail(measured),
    laggingMember(measured),
    smallQuorum(measured),
    placement(measured),
  ];
}

function finding(name: string, prediction: string, holds: boolean, text: string): Finding {
  return { name, prediction, outcome: holds ? 'confirmed' : 'deviates', text };
}

function messages({ commits }: Measured): Finding {
  const wrong = commits.filter((row) => !isAsPredicted(row.messages) || !isAsPredicted(row.syncsPerMember));
  const text =
    wrong.length === 0
      ? `So in all ${commits.length} cases. ZAB’s COMMIT is a message of its own also where commands come together.`
      : `Not so: ${wrong.map((row) => `${nameOf(row)}, ${row.voters} members, ${row.together} together: ${row.messages.measured}`).join('; ')}.`;
  return finding(
    'messages per commit',
    '3 (N − 1) messages and N syncs, divided by the commands that come together; 2 (N − 1) where notices ride on the next message',
    wrong.length === 0,
    text,
  );
}

function roundTrips({ commits }: Measured): Finding {
  const wrong = commits.filter((row) => !isAsPredicted(row.commitDelays));
  const text =
    wrong.length === 0
      ? 'So in every protocol at every size: in steady state nothing tells them apart.'
      : `Not so: ${wrong.map((row) => `${nameOf(row)} ${row.commitDelays.measured}`).join(', ')}.`;
  return finding('round trips per commit', 'one round trip from the leader to a majority', wrong.length === 0, text);
}

function staleness({ staleness: rows }: Measured): Finding {
  const holds = rows.every((row) => isAsPredicted(row.meanMs) && isAsPredicted(row.mostMs));
  const text = rows.map((row) => `${nameOf(row)} ${figure(row.meanMs.measured)} ms, at most ${figure(row.mostMs.measured)}`);
  return finding(
    'followers behind',
    'half a round trip where commits are told at once; up to a heartbeat where the notice waits for a message to ride on',
    holds,
    `${text.join('; ')}.`,
  );
}

function detection({ failovers }: Measured): Finding {
  const wrong = failovers.filter(({ protocol, loss, detectMs }) => {
    const { least, most } = detectionOf(protocol, loss);
    return detectMs.least < least - 1e-6 || detectMs.most > most + 1e-6;
  });
  const told = wrong.map(
    (row) =>
      `${nameOf(row)}, ${row.voters} members, ${row.loss}: ${figure(row.detectMs.least)} to ${figure(row.detectMs.most)} ms`,
  );
  return finding(
    'detection of a lost leader',
    'one to two election timeouts behind the last heartbeat; ZAB after one, and at once where the link to the leader ends',
    wrong.length === 0,
    wrong.length === 0
      ? 'So in every trial. Where a process is killed and its machine lives, ZAB is back first although its election is the longest: its followers act on the end of the link.'
      : `Not so: ${told.join('; ')}.`,
  );
}

function failoverOrder({ failovers }: Measured): Finding {
  const sizes = [...new Set(failovers.map(({ voters }) => voters))];
  const ready = (voters: number, protocol: string, option = ''): number =>
    failovers.find((row) => row.loss === 'killed' && row.voters === voters && row.protocol === protocol && row.option === option)
      ?.ready.measured ?? Number.NaN;
  const holds = sizes.every(
    (voters) =>
      ready(voters, 'multi-paxos') < ready(voters, 'raft') &&
      ready(voters, 'raft') < ready(voters, 'zab') &&
      ready(voters, 'raft', 'no pre-vote') === ready(voters, 'multi-paxos'),
  );
  const text = sizes.map(
    (voters) =>
      `${voters} members: ${ready(voters, 'multi-paxos')}, ${ready(voters, 'raft')} (${ready(voters, 'raft', 'no pre-vote')} without pre-vote), ${ready(voters, 'zab')}`,
  );
  return finding(
    'failover order',
    'from the suspicion until a leader may propose: Multi-Paxos, then Raft, then ZAB; Raft without pre-vote as Multi-Paxos',
    holds,
    `In message delays, ${text.join('; ')}. ZAB waits 200 of its own for better votes.`,
  );
}

const steps = ['elected', 'ready', 'settled', 'firstCommit', 'firstCommand'] as const;

/** What is known to differ, and why. */
const reasons: Readonly<Record<string, string>> = {
  'raft firstCommand':
    'A new leader sends a follower one append at a time until the first is answered, so that a command that comes at once waits behind the no-op of the term.',
  'zab elected':
    'The leader calls itself elected once a quorum has acknowledged its epoch: CEPOCH, NEWEPOCH and ACK-E, three delays, are in it. Ready is where theory has it.',
};

function failoverSteps({ failovers }: Measured): readonly Finding[] {
  const findings: Finding[] = [];
  for (const protocol of ['raft', 'multi-paxos', 'zab'] as const) {
    const rows = failovers.filter((row) => row.protocol === protocol);
    const wrong = steps.filter((step) => rows.some((row) => !isAsPredicted(row[step])));
    const told = wrong.map(
      (step) => `${capital(stepNames[step])} after ${differences(rows, step)}. ${reasons[`${protocol} ${step}`] ?? unexplained}`,
    );
    const text = wrong.length === 0 ? 'Every step is where theory has it, at every size.' : told.join(' ');
    const [row] = rows;
    const prediction = row === undefined ? '' : steps.map((step) => `${stepNames[step]} ${rangeText(row[step])}`).join(', ');
    findings.push(finding(`failover of ${names[protocol]}`, prediction, wrong.length === 0, text));
  }
  return findings;
}

const unexplained = 'Nobody has explained this yet: it may be a fault.';

const stepNames: Readonly<Record<(typeof steps)[number], string>> = {
  elected: 'elected',
  ready: 'ready',
  settled: 'settled',
  firstCommit: 'first commit',
  firstCommand: 'first command',
};

function differences(rows: readonly FailoverRow[], step: (typeof steps)[number]): string {
  const told = rows
    .filter((row) => !isAsPredicted(row[step]))
    .map((row) => `${row[step].measured} (theory ${rangeText(row[step])})`);
  return [...new Set(told)].join(', ');
}

function rangeText({ least, most }: Compared): string {
  return least === most ? `${least}` : `${least}–${most}`;
}

/** Slope: bytes moved per byte that was left behind. */
function slopes(rows: readonly RemainderRow[], remainder: string, protocol: string): readonly number[] {
  const own = rows.filter((row) => row.remainder === remainder && row.protocol === protocol);
  const base = own.find(({ bytes }) => bytes === 0)?.bytesBeforeReady ?? 0;
  return own.filter(({ bytes }) => bytes > 0).map(({ bytes, bytesBeforeReady }) => (bytesBeforeReady - base) / bytes);
}

const isFlat = (values: readonly number[]): boolean => values.every((value) => value < 0.01);

function uncommittedTail({ remainders }: Measured): Finding {
  const [raft, paxos, zab] = ['raft', 'multi-paxos', 'zab'].map((name) => slopes(remainders, 'tail', name)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  const grows = paxos.every((value) => value > 0.9 && value < 1.2);
  const told = `Bytes before ready per byte of the tail: Multi-Paxos ${paxos.map(figure).join(', ')}; Raft ${raft.map(figure).join(', ')}; ZAB ${zab.map(figure).join(', ')}.`;
  return finding(
    'uncommitted tail',
    'promises of Multi-Paxos carry the votes of open slots, once for each member that answers; Raft and ZAB move nothing of it before ready',
    grows && isFlat(raft) && isFlat(zab),
    told,
  );
}

function laggingMember({ remainders }: Measured): Finding {
  const [raft, paxos, zab] = ['raft', 'multi-paxos', 'zab'].map((name) => slopes(remainders, 'lag', name)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  const holds = isFlat(raft) && isFlat(paxos) && zab.every((value) => value > 0.9 && value < 1.2);
  return finding(
    'lagging member',
    'ZAB brings a quorum up to date before it is ready; Raft and Multi-Paxos do so afterwards',
    holds,
    `Bytes before ready per byte that a member lacks: ZAB ${zab.map(figure).join(', ')}; Raft ${raft.map(figure).join(', ')}; Multi-Paxos ${paxos.map(figure).join(', ')}.`,
  );
}

function smallQuorum({ regions, electability }: Measured): Finding {
  const own = (leader: string, option: string): number => {
    const row = regions.placements.find(
      (one) => one.protocol === 'multi-paxos' && one.option === option && one.leader === leader,
    );
    return row?.clients.find(({ region }) => region === leader)?.measuredMs ?? Number.NaN;
  };
  const gains = regions.names.map((leader) => 1 - own(leader, 'write quorum of 2') / own(leader, ''));
  const asExpected = electability.every(({ elects, expected }) => elects === expected);
  const lost = electability.find((row) => row.option === 'write quorum of 2' && !row.elects);
  const told = `At the leader a commit takes ${percent(Math.min(...gains))} to ${percent(Math.max(...gains))} less, by region.`;
  const price = lost === undefined ? '' : ` With ${lost.alive} of ${lost.voters} alive it elects nobody; all others do.`;
  return finding(
    'write quorum of 2 of 5',
    'lower commit latency, and no leader once two of five are lost',
    gains.every((gain) => gain > 0) && asExpected,
    told + price,
  );
}

function placement({ regions }: Measured): Finding {
  const wrong = regions.placements.flatMap((row) =>
    row.clients
      .filter(({ measuredMs, expectedMs }) => Math.abs(measuredMs / expectedMs - 1) > deviationLimit)
      .map(
        ({ region, measuredMs, expectedMs }) =>
          `${nameOf(row)}, leader ${row.leader}, client ${region}: ${measuredMs} for ${expectedMs} ms`,
      ),
  );
  const best = bestPlacement(regions);
  const cases = regions.placements.reduce((sum, { clients }) => sum + clients.length, 0);
  return finding(
    'placement of the leader',
    'a write takes the round trip of client and leader, plus that of the leader and the farthest member that it needs',
    wrong.length === 0,
    wrong.length === 0
      ? `Within ${percent(deviationLimit)} in all ${cases} cases. With clients everywhere, ${best.leader} is the best place for a leader (${figure(best.meanMs)} ms on average).`
      : `Off by more than ${percent(deviationLimit)}: ${wrong.join('; ')}.`,
  );
}

function bestPlacement({ placements }: RegionsResult): { readonly leader: string; readonly meanMs: number } {
  const means = placements
    .filter(({ option }) => option === '')
    .map(({ leader, clients }) => ({
      leader,
      meanMs: clients.reduce((sum, { measuredMs }) => sum + measuredMs, 0) / clients.length,
    }));
  return means.toSorted((a, b) => a.meanMs - b.meanMs)[0] ?? { leader: 'none', meanMs: Number.NaN };
}

const names = { raft: 'Raft', 'multi-paxos': 'Multi-Paxos', zab: 'ZAB' } as const;

function nameOf({ protocol, option }: MeasuredVariant): string {
  return option === '' ? names[protocol] : `${names[protocol]} (${option})`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function figure(value: number): string {
  return `${Math.round(value * 100) / 100}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
