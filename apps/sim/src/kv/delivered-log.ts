import type { Index } from '@quorate/interface';
import { kvRevisions } from '@quorate/linearizability';
import type { Fate, Fates, KvInput, KvOutput, Operation, Revisioned } from '@quorate/linearizability';
import type { Observer } from '@quorate/simulator';

type RevisionedOperation = Operation<KvInput, Revisioned<KvOutput>>;

/** A write that the cluster delivered, and the revision that it took. */
interface Delivered {
  readonly name: string;
  readonly revision: number;
}

/**
 * What the members delivered, in the order of the log: ground truth for operations whose clients were told nothing. Revisions are
 * computed anew with the checker's own model, not asked of the store.
 */
export class DeliveredLog {
  private readonly commands: (Uint8Array | undefined)[] = [];

  get observer(): Observer {
    return {
      applied: (_member, command, { index }) => {
        // A view of shared bytes: a copy is kept.
        if (this.commands[index] === undefined) this.put(index, command.slice());
      },
    };
  }

  private put(index: Index, command: Uint8Array): void {
    while (this.commands.length < index) this.commands.push(undefined);
    this.commands[index] = command;
  }

  /** What became of the operations of unknown outcome. `encode` gives the command that an operation sent. */
  fates(history: readonly RevisionedOperation[], encode: (input: KvInput) => Uint8Array): Fates<KvInput, KvOutput> {
    const fates = new Map<RevisionedOperation, Fate>();
    if (history.every(({ output }) => output !== undefined)) return fates;
    const names = history.map(({ input }) => (input.op === 'get' ? '' : nameOf(encode(input))));
    const open = this.openWrites(history, names);
    for (const [place, operation] of history.entries()) {
      if (operation.output !== undefined) continue;
      const delivered = open.get(names[place] ?? '')?.shift();
      fates.set(operation, delivered === undefined ? { type: 'never' } : { type: 'applied', revision: delivered.revision });
    }
    return fates;
  }

  /** What was delivered and is nobody's answer, by command. Equal commands are told apart by the revisions that the answered ones name. */
  private openWrites(history: readonly RevisionedOperation[], names: readonly string[]): Map<string, Delivered[]> {
    const inputs = new Map<string, KvInput>();
    for (const [place, { input }] of history.entries()) inputs.set(names[place] ?? '', input);
    const open = new Map<string, Delivered[]>();
    for (const delivered of this.writes(inputs)) {
      const list = open.get(delivered.name);
      if (list === undefined) open.set(delivered.name, [delivered]);
      else list.push(delivered);
    }
    const model = kvRevisions();
    for (const [place, { input, output }] of history.entries()) {
      if (output === undefined || !model.writes(input, output.output)) continue;
      const list = open.get(names[place] ?? '');
      const found = list?.findIndex(({ revision }) => revision === output.revision) ?? -1;
      if (found >= 0) list?.splice(found, 1);
    }
    return open;
  }

  /** The commands that changed something, with their revisions. */
  private *writes(inputs: ReadonlyMap<string, KvInput>): Generator<Delivered> {
    const model = kvRevisions();
    const store = model.open();
    let revision = model.initialRevision;
    for (const command of this.commands) {
      if (command === undefined) continue;
      const name = nameOf(command);
      const input = inputs.get(name);
      if (input === undefined) continue; // A compaction.
      if (!model.writes(input, store.execute(input, revision + 1))) continue;
      revision += 1;
      yield { name, revision };
    }
  }
}

// Bytes as a text of equal length: the key of a map.
function nameOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
