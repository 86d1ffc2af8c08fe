import { HistoryError, requireHistory } from './history-problems.ts';
import { isUnknown, type Operation } from './operation.ts';

/**
 * A history as JSON: one object with the format, the model's name and the operations, one on each line, in the shape that
 * Porcupine calls an operation (`clientId`, `input`, `call`, `output`, `return`). An unknown return is `null`, and so is its
 * output. The keys of inputs and outputs are sorted, so that equal histories give equal texts.
 */
export function historyToJson<I, O>(modelName: string, history: readonly Operation<I, O>[]): string {
  const lines = history.map((operation) => {
    const unknown = isUnknown(operation);
    const { process, call, input, output, note } = operation;
    const line = { clientId: process, call, return: unknown ? null : operation.return, input, output: unknown ? null : output };
    return JSON.stringify(sorted(note === undefined ? line : { ...line, note }));
  });
  const head = `{"format":"quorate-history","version":1,"model":${JSON.stringify(modelName)},"operations":[`;
  return lines.length === 0 ? `${head}]}\n` : `${head}\n${lines.join(',\n')}\n]}\n`;
}

/** A history that was written by `historyToJson`. */
export interface ParsedHistory<I, O> {
  readonly model: string;
  readonly operations: readonly Operation<I, O>[];
}

/**
 * Reads what `historyToJson` wrote. That it is a history is checked; that its inputs and outputs are the model's is the
 * caller's to know, by the name of the model. Throws `HistoryError`.
 */
export function historyFromJson<I, O>(text: string): ParsedHistory<I, O> {
  const document = parse(text);
  const { format, version, model, operations } = isRecord(document) ? document : {};
  if (format !== 'quorate-history' || version !== 1)
    throw new HistoryError(['it is not of the format "quorate-history", version 1']);
  if (typeof model !== 'string' || !Array.isArray(operations))
    throw new HistoryError(['the model or the operations are missing']);
  const parsed = operations.map((line: unknown, place) => operationFrom<I, O>(line, place));
  requireHistory(parsed);
  return { model, operations: parsed };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HistoryError(['it is not JSON']);
  }
}

function operationFrom<I, O>(line: unknown, place: number): Operation<I, O> {
  const { clientId, call, return: returned, input, output, note } = isRecord(line) ? line : {};
  if (typeof clientId !== 'number' || typeof call !== 'number' || input === undefined)
    throw new HistoryError([`operation ${place} has no clientId, call or input`]);
  if (returned !== null && typeof returned !== 'number') throw new HistoryError([`the return of operation ${place} is no time`]);
  const operation = {
    process: clientId,
    call,
    return: returned ?? Infinity,
    input: input as I,
    output: returned === null ? undefined : (output as O),
  };
  return typeof note === 'string' ? { ...operation, note } : operation;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same value with the keys of all objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]));
}
