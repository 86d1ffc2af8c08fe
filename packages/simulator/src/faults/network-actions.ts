import type { SimMember } from '../cluster/sim-member.ts';
import type { NetworkFaults } from '../network/network-faults.ts';
import type { Action } from './action.ts';
import { bridge, isolation, oneWay, pairCut, ring, split } from './blocks.ts';
import type { Block } from './blocks.ts';
import type { Nemesis } from './nemesis.ts';

/** Undefined: the action is nothing of the network's. False: it could not take effect. */
export function actOnNetwork(nemesis: Nemesis, action: Action, target: SimMember): boolean | undefined {
  const block = blockOf(nemesis, action, target.id);
  if (block !== undefined) return hold(nemesis, action, block);
  const { network } = nemesis.world;
  switch (action.kind) {
    case 'flap':
      return flap(nemesis, action, target.id);
    case 'break-links':
      return network.breakLinks((a, b) => (action.amount < 0.5 ? a === target.id || b === target.id : true)) > 0;
    case 'delay':
      return change(nemesis, action, { jitterMs: network.setup.faults.jitterMs + action.amount });
    case 'bandwidth':
      return change(nemesis, action, { bandwidth: action.amount });
    case 'loss':
    case 'duplicate':
    case 'reorder':
    case 'replay':
    case 'corrupt':
      return change(nemesis, action, { [action.kind]: action.amount });
    default:
      return undefined;
  }
}

function blockOf({ cluster }: Nemesis, { kind, peer, amount }: Action, target: number): Block | undefined {
  const members = cluster.members.length;
  // From all masks that put somebody on each side.
  const mask = 1 + Math.floor(amount * (2 ** members - 2));
  switch (kind) {
    case 'isolate':
      return isolation(target);
    case 'split':
      return split(mask, members);
    case 'one-way':
      return oneWay(target, peer % 2 === 0, members);
    case 'bridge':
      return bridge(target, mask, members);
    case 'ring':
      return ring(members);
    default:
      return undefined;
  }
}

function hold(nemesis: Nemesis, { kind, forMs, atMs }: Action, block: Block): boolean {
  const { network } = nemesis.world;
  if (nemesis.cluster.members.length < 2) return false;
  const name = `${kind} ${atMs}`;
  network.block(name, block);
  nemesis.later(forMs, () => network.block(name, undefined));
  return true;
}

function flap(nemesis: Nemesis, { atMs, forMs, amount, peer }: Action, target: number): boolean {
  const { network } = nemesis.world;
  if (peer === target || peer > nemesis.cluster.members.length) return false;
  const name = `flap ${atMs}`;
  let cut = false;
  for (let at = 0; at < forMs; at += amount / 2) {
    nemesis.later(at, () => {
      cut = !cut;
      network.block(name, cut ? pairCut(target, peer) : undefined);
    });
  }
  nemesis.later(forMs, () => network.block(name, undefined));
  return true;
}

function change(nemesis: Nemesis, { forMs }: Action, faults: Partial<NetworkFaults>): boolean {
  const { faults: current } = nemesis.world.network.setup;
  const before = nemesis.plan.network;
  Object.assign(current, faults);
  nemesis.later(forMs, () => {
    for (const name of Object.keys(faults) as (keyof NetworkFaults)[]) current[name] = before[name];
  });
  return true;
}
