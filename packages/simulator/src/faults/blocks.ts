/** Whether a frame from one machine to another is blocked. */
export type Block = (from: number, to: number) => boolean;

/** Nobody hears a machine, and it hears nobody. */
export function isolation(machine: number): Block {
  return (from, to) => from !== to && (from === machine || to === machine);
}

/** Members whose bit is set see each other only, and so do the others; clients see everybody. */
export function split(mask: number, members: number): Block {
  const side = (machine: number): number => (mask >>> (machine - 1)) & 1;
  return (from, to) => from <= members && to <= members && side(from) !== side(to);
}

/** One direction only. `deaf`: the machine hears no member, but is heard. */
export function oneWay(machine: number, deaf: boolean, members: number): Block {
  return (from, to) =>
    from <= members && to <= members && (deaf ? to === machine && from !== to : from === machine && from !== to);
}

/** Two halves that see each other only through one member (Jepsen's bridge). */
export function bridge(middle: number, mask: number, members: number): Block {
  const halves = split(mask, members);
  return (from, to) => from !== middle && to !== middle && halves(from, to);
}

/** Every member sees a majority, no two the same one (Jepsen's majorities ring). */
export function ring(members: number): Block {
  const reach = Math.floor(members / 4) + (members > 3 ? 0 : 1);
  return (from, to) => {
    if (from > members || to > members) return false;
    const apart = Math.abs(from - to);
    return Math.min(apart, members - apart) > Math.max(reach, 1);
  };
}

/** Two machines do not see each other. */
export function pairCut(a: number, b: number): Block {
  return (from, to) => (from === a && to === b) || (from === b && to === a);
}
