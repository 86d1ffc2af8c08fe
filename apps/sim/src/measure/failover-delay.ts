import type { Observer, Scene } from '@quorate/simulator';
import type { ProtocolUnderTest } from '../protocols.ts';
import { delayMs, runTrial, submitAtLeader } from './lone-commands.ts';

/** Times from the moment at which the coming leader suspected the old one, in delays of one message. */
export interface FailoverDelay {
  readonly elected: number;
  readonly ready: number;
  readonly settled: number;
  /** The first entry of its own is committed at the leader: the no-op of its term, or the command. */
  readonly firstCommit: number;
  /** A command that was submitted at `ready` is applied at the leader. */
  readonly firstCommand: number;
}

const failMs = 70_000;

/** Ends the process of a settled leader, and follows its successor. All others learn of it at one moment: their links end. */
export function measureFailover(protocol: ProtocolUnderTest, voters: number): FailoverDelay {
  let failed = false;
  let suspectedMs = 0;
  const found = { elected: 0, ready: 0, settled: 0, firstCommit: 0, firstCommand: 0 };
  let leader = 0;
  let scene: Scene | undefined;
  const since = (): number => ((scene?.world.time.nowMs ?? 0) - suspectedMs) / delayMs;
  const observer: Observer = {
    drained: (member, { role }) => {
      if (!failed || role === undefined || role.role !== 'leader' || scene === undefined) return;
      const { time } = scene.world;
      if (role.ready && leader === 0) {
        leader = member.id;
        suspectedMs = time.nowMs - (role.readyAt - role.suspectedAt);
        found.elected = (role.electedAt - role.suspectedAt) / delayMs;
        found.ready = since();
        const here = scene;
        time.at(time.nowMs, () => submitAtLeader(here, 1));
      }
      if (member.id === leader && role.settled && found.settled === 0) found.settled = since();
    },
    committed: (member) => {
      if (member.id === leader && found.firstCommit === 0) found.firstCommit = since();
    },
    applied: (member) => {
      if (member.id === leader && found.firstCommand === 0) found.firstCommand = since();
    },
  };
  const script = (of: Scene): void => {
    scene = of;
    const { time } = of.world;
    time.at(failMs, () => {
      failed = true;
      of.cluster.leader?.kill(false);
    });
  };
  runTrial({ protocol, voters, script, observer, plan: { electionTimeoutMs: 2000, heartbeatMs: 500 } });
  if (leader === 0) throw new Error('no leader followed');
  return found;
}
