import { protobufCodec, runtimeCodec } from '@quorate/codec-protobuf';
import type { CoreKind, MessageCodec } from '@quorate/interface';
import { multiPaxos } from '@quorate/multi-paxos';
import type { MultiPaxosOptions } from '@quorate/multi-paxos';
import { raft } from '@quorate/raft';
import type { Assembly, Observer, Plan, Scene } from '@quorate/simulator';
import { fileStorage } from '@quorate/storage-file';
import { zab } from '@quorate/zab';
import { HandleCodec } from './handle-codec.ts';
import { multiPaxosInvariants } from './invariants/multi-paxos/index.ts';
import { raftInvariants } from './invariants/raft/index.ts';
import { zabInvariants } from './invariants/zab/index.ts';
import type { ServiceUnderTest } from './services.ts';

/** What the simulation of a protocol needs to know of it. */
export interface ProtocolUnderTest {
  readonly name: string;
  readonly core: (plan: Plan) => CoreKind<never>;
  /** What only this protocol promises. */
  readonly invariants: (scene: Scene) => readonly Observer[];
}

const protocols: readonly ProtocolUnderTest[] = [
  {
    name: 'raft',
    core: ({ electionTimeoutMs, heartbeatMs, variant }) =>
      raft({
        electionTimeoutMs,
        heartbeatMs,
        commitNotice: variant < 0.3 ? 'piggyback' : 'eager',
        voteStickiness: fraction(variant * 100) > 0.1,
      }) as unknown as CoreKind<never>,
    invariants: raftInvariants,
  },
  {
    name: 'multi-paxos',
    core: (plan) => multiPaxos(multiPaxosOptions(plan)) as unknown as CoreKind<never>,
    invariants: (scene) => {
      const { q2Size } = multiPaxosOptions(scene.plan);
      return multiPaxosInvariants(scene, q2Size === 0 ? Math.floor(scene.plan.voters / 2) + 1 : q2Size);
    },
  },
  {
    name: 'zab',
    core: ({ electionTimeoutMs, heartbeatMs, variant }) =>
      zab({
        electionTimeoutMs,
        heartbeatMs,
        finalizeWaitMs: electionTimeoutMs / (variant < 0.3 ? 10 : 5),
        // In some runs the counter rolls over again and again (ZOOKEEPER-1277).
        ...(fraction(variant * 100) < 0.1 ? { counterLimit: 300 } : {}),
      }) as unknown as CoreKind<never>,
    invariants: zabInvariants,
  },
];

/**
 * Three digits of the variant decide. With an even number of voters half of them choose in every other run; quorums of other sizes would need
 * more than a majority for something, and the plan leaves no more than that.
 */
function multiPaxosOptions({ electionTimeoutMs, heartbeatMs, variant, voters }: Plan): MultiPaxosOptions {
  const digit = (place: number): number => Math.floor(variant * 10 ** place) % 10;
  const chooseByHalf = voters % 2 === 0 && digit(3) < 5;
  return {
    electionTimeoutMs,
    heartbeatMs,
    commitNotice: digit(1) < 3 ? 'piggyback' : 'eager',
    damping: digit(2) > 0,
    q1Size: 0,
    q2Size: chooseByHalf ? voters / 2 : 0,
  };
}

function fraction(value: number): number {
  return value - Math.floor(value);
}

/** The names that `--protocol` takes. */
export const protocolNames: readonly string[] = protocols.map(({ name }) => name);

/** A protocol by name. */
export function protocolNamed(name: string): ProtocolUnderTest | undefined {
  return protocols.find((protocol) => protocol.name === name);
}

/** The production parts of a member: core, codec, journal on files, state machine. */
export function assembly(protocol: ProtocolUnderTest, plan: Plan, service: Pick<ServiceUnderTest, 'stateMachine'>): Assembly {
  const real = protobufCodec(protocol.name);
  if (real === undefined) throw new RangeError(`there is no codec for ${protocol.name}`);
  const codec: MessageCodec<never> = plan.realCodec ? real : new HandleCodec(real);
  return ({ host, disk, report }) => {
    const stateMachine = service.stateMachine();
    return {
      core: protocol.core(plan),
      codec,
      runtimeCodec,
      storage: fileStorage({ directory: 'data', disk, host, segmentBytes: plan.segmentBytes, report }),
      stateMachine,
      stateHash: () => stateMachine.stateHash(),
      limits: plan.limits,
      snapshotCount: plan.snapshotCount,
    };
  };
}
