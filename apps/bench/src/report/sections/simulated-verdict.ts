import { isAsPredicted } from '../../simulated/predictions.ts';
import type { FailoverRow, Finding, RemainderRow, SimulatedResult } from '../../simulated/simulated-result.ts';
import type { Check, Section, Statement } from '../document.ts';
import { prose } from '../document.ts';
import { byteSize, capital, exactMs, listed, plain } from '../figures.ts';
import { protocolName } from '../systems.ts';
import { medianOf } from './simulated-tables.ts';

const protocols = ['raft', 'multi-paxos', 'zab'] as const;

/** What virtual time shows, and where it is not as theory has it. */
export function simulatedVerdict(result: SimulatedResult, isAlone: boolean): Section {
  const { findings, seed } = result;
  const items = [steadyState(result), readiness(result), gap(result, 'killed'), gap(result, 'power lost'), leftBehind(result)];
  const confirmed = findings.filter(({ outcome }) => outcome === 'confirmed').length;
  const checks = findings.map(checkOf);
  return {
    id: 'simulated',
    heading: isAlone ? 'Verdict' : 'In virtual time',
    brief: true,
    blocks: [
      ...(isAlone ? [] : [prose(introduction(seed))]),
      { kind: 'statements', items },
      ...(isAlone ? [prose(introduction(seed))] : []),
      prose(`${confirmed} of ${findings.length} predictions of the literature hold to the message:`),
      { kind: 'checks', items: checks },
    ],
  };
}

function introduction(seed: number): string {
  return `Production members ran in a simulator, where disks and turns take no time and only messages do. Everything follows from seed ${seed}: whoever runs it again gets the same figures, to the last bit.`;
}

function checkOf({ name, prediction, outcome, text }: Finding): Check {
  return outcome === 'confirmed'
    ? { state: 'fine', name: capital(name), text }
    : { state: 'doubt', name: capital(name), text: `Theory: ${prediction}. ${text}` };
}

function steadyState({ commits }: SimulatedResult): Statement {
  const plainOnes = commits.filter(({ option, together }) => option === '' && together === 1);
  const holds = plainOnes.every(
    (row) => isAsPredicted(row.messages) && isAsPredicted(row.syncsPerMember) && isAsPredicted(row.commitDelays),
  );
  const sizes = [...new Set(plainOnes.map(({ voters }) => voters))];
  const told = sizes.map((voters) => {
    const bytes = plainOnes
      .filter((row) => row.voters === voters)
      .map((row) => `${protocolName(row.protocol)} ${byteSize(row.bytes)}`);
    return `${voters} members: ${bytes.join(', ')}`;
  });
  return holds
    ? {
        weight: 'none',
        text: 'In steady state Raft, Multi-Paxos and ZAB cannot be told apart: a commit takes one round trip, 3 (N − 1) messages and a sync of each member.',
        confidence: `Counted message by message. Bytes between members differ by a few: ${told.join('; ')}.`,
      }
    : {
        weight: 'difference',
        text: 'In steady state the protocols differ from what theory says.',
        confidence: 'The table of commits shows where.',
      };
}

/** Of the size that most clusters have, where it was measured. */
function rowsOf(failovers: readonly FailoverRow[], loss: FailoverRow['loss']): readonly FailoverRow[] {
  const own = failovers.filter((row) => row.loss === loss && row.option === '');
  const voters = own.some((row) => row.voters === 5) ? 5 : own[0]?.voters;
  return own.filter((row) => row.voters === voters);
}

function readiness({ failovers, settings }: SimulatedResult): Statement {
  const rows = rowsOf(failovers, 'killed').toSorted((a, b) => a.ready.measured - b.ready.measured);
  const told = rows.map((row) => `${plain(row.ready.measured)} (${protocolName(row.protocol)})`);
  const wait = settings.finalizeWaitMs / settings.delayMs;
  return {
    weight: 'difference',
    text: `A new leader may propose ${listed(told)} message delays after it suspected the old one.`,
    confidence: `${rows[0]?.voters ?? 0} members, a leader that was killed. ${plain(wait)} of ZAB’s are its wait for better votes, a matter of its options.`,
  };
}

function gap({ failovers, settings }: SimulatedResult, loss: FailoverRow['loss']): Statement {
  const rows = rowsOf(failovers, loss).toSorted((a, b) => medianOf(a.gapsMs) - medianOf(b.gapsMs));
  const told = rows.map((row) => {
    const range = `${exactMs(row.gapsMs[0] ?? Number.NaN, 0)} to ${exactMs(row.gapsMs.at(-1) ?? Number.NaN, 0)}`;
    return `${protocolName(row.protocol)} ${exactMs(medianOf(row.gapsMs), 0)} (${range})`;
  });
  const overlap = rows.every((row) => (row.gapsMs[0] ?? 0) <= (rows[0]?.gapsMs.at(-1) ?? 0));
  const first = protocolName(rows[0]?.protocol ?? '');
  const text =
    loss === 'killed'
      ? `When a leader’s process is killed, ${first} writes again first${first === 'ZAB' ? ': its followers act on the end of the link, the others’ wait for a timer' : ''}.`
      : overlap
        ? 'When a leader’s machine falls silent, the protocols take about as long: detection is most of it.'
        : `When a leader’s machine falls silent, ${first} writes again first.`;
  const confidence = `Median gap (least to most of ${settings.failoverTrials} trials), ${rows[0]?.voters ?? 0} members: ${told.join(', ')}.`;
  // Five of each that do not meet have a chance below 1 % to come about by themselves (a rank test); fewer say nothing.
  if (settings.failoverTrials < 5)
    return {
      weight: 'unranked',
      text: `Gaps are not compared where a leader is lost (${loss}).`,
      confidence: `Too few trials. ${confidence}`,
    };
  return { weight: overlap ? 'none' : 'difference', text, confidence };
}

function leftBehind({ remainders }: SimulatedResult): Statement {
  const most = Math.max(...remainders.map(({ bytes }) => bytes));
  const cost = (remainder: RemainderRow['remainder'], protocol: string): string => {
    const own = remainders.filter((row) => row.remainder === remainder && row.protocol === protocol);
    const [from, to] = [
      own.find(({ bytes }) => bytes === 0)?.readyMs ?? 0,
      own.find(({ bytes }) => bytes === most)?.readyMs ?? 0,
    ];
    return `${protocolName(protocol)} ${exactMs(to - from, 0)}`;
  };
  const told = (remainder: RemainderRow['remainder']): string => listed(protocols.map((protocol) => cost(remainder, protocol)));
  return {
    weight: 'difference',
    text: 'What was left behind is paid for at different times: an uncommitted tail delays a leader of Multi-Paxos, a member that lags delays one of ZAB, and Raft is ready at once.',
    confidence: `Added by ${byteSize(most)} on a link of 1 MB/s. Uncommitted tail: ${told('tail')}. Lagging member: ${told('lag')}.`,
  };
}
