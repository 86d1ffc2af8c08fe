import type { Effects } from '@quorate/interface';
import type { Observer, Scene } from '@quorate/simulator';
import type { ProtocolUnderTest } from '../protocols.ts';
import { runTrial, submitAtLeader } from './lone-commands.ts';

/** What one command costs a cluster, while nothing else happens. */
export interface CommitCost {
  /** Messages of the protocol per command, by kind. */
  readonly messages: Readonly<Record<string, number>>;
  readonly messagesInAll: number;
  /** Bytes of frames between members per command. */
  readonly bytes: number;
  /** Batches that were synced, per command and member. */
  readonly syncsPerMember: number;
}

/** After the leader has settled; the measurement is over before the next heartbeat. */
const restMs = 1000;
const commands = 10;
/** Far more than all messages of a command take one after the other. */
const apartMs = 100;

/** Counts what `commands` lone commands cost: one at a time, in a cluster of `voters` whose leader has settled. */
export function measureCommitCost(protocol: ProtocolUnderTest, voters: number, variant = 0.9): CommitCost {
  const messages: Record<string, number> = {};
  let syncs = 0;
  let bytesBefore = 0;
  let bytes = 0;
  let counting = false;
  const count = ({ sends }: Effects<unknown>): void => {
    for (const { links, message } of sends) {
      // All cores name what a message is in this field.
      const { kind } = message as { readonly kind: string };
      messages[kind] = (messages[kind] ?? 0) + links.length;
    }
  };
  let scene: Scene | undefined;
  const begin = (): void => {
    if (scene === undefined) return;
    const here = scene;
    const { time, network } = scene.world;
    const firstMs = time.nowMs + restMs;
    time.at(firstMs - 1, () => {
      counting = true;
      bytesBefore = network.counters.bytes;
    });
    for (let number = 0; number < commands; number++) time.at(firstMs + number * apartMs, () => submitAtLeader(here, number));
    time.at(firstMs + commands * apartMs, () => {
      counting = false;
      bytes = network.counters.bytes - bytesBefore;
    });
  };
  const observer: Observer = {
    drained: (_member, effects) => {
      if (counting) count(effects);
      if (effects.role?.role === 'leader' && effects.role.settled) begin();
    },
    appended: () => {
      if (counting) syncs += 1;
    },
  };
  runTrial({ protocol, voters, script: (of) => (scene = of), observer, plan: { variant } });
  const perCommand = (sum: number): number => sum / commands;
  const byType = Object.entries(messages).map(([type, sum]) => [type, perCommand(sum)] as const);
  return {
    messages: Object.fromEntries(byType),
    messagesInAll: perCommand(Object.values(messages).reduce((sum, one) => sum + one, 0)),
    bytes: perCommand(bytes),
    syncsPerMember: perCommand(syncs) / voters,
  };
}
