import type { Config, MemberId } from '@quorate/interface';
import { at } from '@quorate/interface';
import type { ReplicaLimits } from '@quorate/replica';
import { defaultReplicaLimits } from '@quorate/replica';
import type { SimMedium } from '../disk/sim-medium.ts';
import { boundedMemory } from '../invariants/bounded-memory.ts';
import type { World } from '../world.ts';
import { peerUrl } from './assembly.ts';
import type { Assembly, Plants } from './assembly.ts';
import { SimMember } from './sim-member.ts';

/** What a cluster is made of. */
export interface ClusterSetup {
  readonly world: World;
  readonly voters: number;
  readonly learners: number;
  readonly assembly: Assembly;
  readonly plants?: Plants;
  readonly tracing: boolean;
  readonly numbering: boolean;
  readonly medium: (member: MemberId) => SimMedium;
  readonly limits: Partial<ReplicaLimits>;
}

/** The members of one world. */
export class SimCluster {
  readonly genesis: Config;
  readonly members: readonly SimMember[];
  private readonly setup: ClusterSetup;

  constructor(setup: ClusterSetup) {
    this.setup = setup;
    const ids = Array.from({ length: setup.voters + setup.learners }, (_, place) => place + 1);
    const infos = ids.map((id) => ({ id, name: `n${id}`, peerUrls: [peerUrl(id)], diskId: '' }));
    this.genesis = { id: 0, voters: ids.slice(0, setup.voters), learners: ids.slice(setup.voters), members: infos };
    const { world, assembly, tracing, numbering, plants } = setup;
    const shape = { world, assembly, tracing, numbering, genesis: this.genesis, ...(plants === undefined ? {} : { plants }) };
    this.members = ids.map((id) => new SimMember(shape, id, setup.medium(id)));
    this.watchQueues();
  }

  member(id: MemberId): SimMember {
    return at(this.members, id - 1);
  }

  get voters(): readonly SimMember[] {
    return this.members.slice(0, this.setup.voters);
  }

  /** The member that leads, as far as it knows itself; of several the one of the highest epoch. */
  get leader(): SimMember | undefined {
    let best: SimMember | undefined;
    for (const member of this.members) {
      const { role } = member.record;
      if (!member.isUp || role?.role !== 'leader') continue;
      if (best === undefined || role.epoch.round > (best.record.role?.epoch.round ?? 0)) best = member;
    }
    return best;
  }

  private watchQueues(): void {
    const { world, limits } = this.setup;
    const check = boundedMemory(world.ledger, { ...defaultReplicaLimits, ...limits });
    world.ledger.add({
      drained: (record) => {
        const { replica } = this.member(record.id);
        if (replica !== undefined) check(record, replica.queues());
      },
    });
  }
}
