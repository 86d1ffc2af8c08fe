import { HistoryError } from './history-problems.ts';
import type { Model, State } from './model.ts';
import type { Operation } from './operation.ts';

/**
 * Records a history by the rules that a checker relies on. Times are the order of the calls made here, so that one
 * recorder must see the events of all processes as they happen.
 */
export interface Recorder<I, O> {
  /** The number of a process that nobody used yet. */
  newProcess(): number;
  /** The process calls. It must be known, and have no call under way. */
  call(process: number, input: I, note?: string): void;
  /** The call of the process returned. */
  returned(process: number, output: O): void;
  /** The call certainly had no effect and never will: it leaves no trace in the history. */
  failed(process: number): void;
  /**
   * Nobody knows whether the call took effect (a timeout, a lost connection). The process retires, and the answer is the
   * number of the one that goes on in its place. A read of unknown outcome says nothing, and is dropped.
   */
  lost(process: number): number;
  /** The history so far, by time of call. Calls under way count as lost. */
  history(): readonly Operation<I, O>[];
}

interface Call<I> {
  readonly call: number;
  readonly input: I;
  readonly note: string | undefined;
}

/** A recorder of operations for a model; of the model it asks only which inputs change nothing. */
export function createRecorder<I, O>(model: Pick<Model<State, I, O>, 'isObservation'>): Recorder<I, O> {
  const done: Operation<I, O>[] = [];
  const underWay = new Map<number, Call<I> | undefined>();
  let processes = 0;
  let time = 0;
  const newProcess = (): number => {
    underWay.set(processes, undefined);
    return processes++;
  };
  const end = (process: number): Call<I> => {
    const call = underWay.get(process);
    if (call === undefined) throw new HistoryError([`process ${process} has no call that could end`]);
    underWay.set(process, undefined);
    return call;
  };
  const lose = (into: Operation<I, O>[], process: number, call: Call<I>): void => {
    if (!model.isObservation(call.input, undefined)) into.push(operationOf<I, O>(process, call, Infinity, undefined));
  };
  return {
    newProcess,
    call(process, input, note) {
      if (!underWay.has(process)) throw new HistoryError([`process ${process} is retired, or was never made`]);
      if (underWay.get(process) !== undefined) throw new HistoryError([`process ${process} has a call under way`]);
      underWay.set(process, { call: ++time, input, note });
    },
    returned(process, output) {
      done.push(operationOf(process, end(process), ++time, output));
    },
    failed(process) {
      end(process);
    },
    lost(process) {
      lose(done, process, end(process));
      underWay.delete(process);
      return newProcess();
    },
    history() {
      const operations = [...done];
      for (const [process, call] of underWay) if (call !== undefined) lose(operations, process, call);
      return operations.sort((a, b) => a.call - b.call);
    },
  };
}

function operationOf<I, O>(process: number, from: Call<I>, returned: number, output: O | undefined): Operation<I, O> {
  const { call, input, note } = from;
  // No spread: it costs more than all the rest of a record.
  if (note === undefined) return { process, call, return: returned, input, output };
  return { process, call, return: returned, input, output, note };
}
