import * as fc from 'fast-check';
import {
  createRecorder,
  type Fate,
  type KvInput,
  kvModel,
  type KvOutput,
  kvRevisions,
  type KvStep,
  type Operation,
  type Revisioned,
} from '../src/index.ts';

export const keyNames = ['x', 'y'];

/** A list of numbers that a generator turns into choices: shrinking the list shrinks what was generated. */
export class Choices {
  private place = 0;
  private readonly numbers: readonly number[];

  constructor(numbers: readonly number[]) {
    this.numbers = numbers;
  }

  get exhausted(): boolean {
    return this.place >= this.numbers.length;
  }

  below(limit: number): number {
    return (this.numbers[this.place++] ?? 0) % limit;
  }

  of<T extends object | string | number | null>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)];
    if (chosen === undefined) throw new Error('there is nothing to choose from');
    return chosen;
  }
}

export function choices(maxLength: number): fc.Arbitrary<readonly number[]> {
  return fc.array(fc.nat(1 << 20), { minLength: maxLength >> 1, maxLength });
}

/** Intervals of up to `count` operations, in any relation to each other; some never end. */
export function intervals(choice: Choices, count: number): readonly (readonly [call: number, returned: number])[] {
  return Array.from({ length: count }, (): [number, number] => {
    const call = choice.below(2 * count);
    return [call, choice.below(5) === 0 ? Infinity : call + 1 + choice.below(count)];
  });
}

function randomStep(choice: Choices): KvStep {
  const key = choice.of(keyNames);
  return choice.of<KvStep>([
    { op: 'get', key },
    { op: 'put', key, value: choice.of(['1', '2']) },
    { op: 'delete', key },
  ]);
}

export function randomInput(choice: Choices): KvInput {
  const key = choice.of(keyNames);
  switch (choice.below(7)) {
    case 0:
    case 1:
      return { op: 'get', key };
    case 2:
    case 3:
      return { op: 'put', key, value: choice.of(['1', '2']) };
    case 4:
      return { op: 'delete', key };
    case 5:
      return { op: 'compare-and-set', key, expected: choice.of([null, '1', '2']), value: choice.of(['1', '2']) };
    default:
      return {
        op: 'txn',
        compares:
          choice.below(2) === 0 ? [] : [{ key, is: choice.of(['equal', 'not-equal'] as const), value: choice.of([null, '1']) }],
        success: Array.from({ length: choice.below(3) }, () => randomStep(choice)),
        failure: Array.from({ length: choice.below(2) }, () => randomStep(choice)),
      };
  }
}

/** A recorded run, with what its oracle knows. */
export interface Run {
  readonly history: readonly Operation<KvInput, Revisioned<KvOutput>>[];
  readonly fates: ReadonlyMap<Operation<KvInput, Revisioned<KvOutput>>, Fate>;
}

/** Clients of a real, atomic store: whatever is recorded is linearizable. A lost operation may take effect until the run ends. */
export function randomRun(choice: Choices, clients: number, inputOf: (choice: Choices) => KvInput = randomInput): Run {
  const model = kvRevisions();
  const recorder = createRecorder<KvInput, Revisioned<KvOutput>>({
    isObservation: (input) => kvModel().isObservation(input, undefined),
  });
  const store = model.open();
  let revision = model.initialRevision;
  let calls = 0;
  const applied = new Map<string, Fate>();
  const apply = (input: KvInput, note: string): Revisioned<KvOutput> => {
    const output = store.execute(input, revision + 1);
    if (model.writes(input, output)) applied.set(note, { type: 'applied', revision: ++revision });
    return { revision, output };
  };
  const running = Array.from({ length: clients }, () => ({
    process: recorder.newProcess(),
    input: undefined as KvInput | undefined,
    output: undefined as Revisioned<KvOutput> | undefined,
    note: '',
  }));
  const late: { readonly input: KvInput; readonly note: string }[] = [];
  while (!choice.exhausted) {
    const client = choice.of(running);
    if (late.length > 0 && choice.below(8) === 0) {
      const one = late.shift();
      if (one !== undefined) apply(one.input, one.note);
    } else if (client.input === undefined) {
      client.input = inputOf(choice);
      client.note = `call ${calls++}`;
      recorder.call(client.process, client.input, client.note);
    } else if (client.output === undefined && choice.below(12) > 0) {
      client.output = apply(client.input, client.note);
    } else if (client.output === undefined || choice.below(20) === 0) {
      if (client.output === undefined) late.push({ input: client.input, note: client.note });
      client.process = recorder.lost(client.process);
      client.input = undefined;
      client.output = undefined;
    } else {
      recorder.returned(client.process, client.output);
      client.input = undefined;
      client.output = undefined;
    }
  }
  const history = recorder.history();
  const unknown = history.filter(({ output }) => output === undefined);
  return {
    history,
    fates: new Map(unknown.map((one): [typeof one, Fate] => [one, applied.get(one.note ?? '') ?? { type: 'never' }])),
  };
}

/** The same history, without its revisions. */
export function plain(history: Run['history']): readonly Operation<KvInput, KvOutput>[] {
  return history.map((operation) => ({ ...operation, output: operation.output?.output }));
}
