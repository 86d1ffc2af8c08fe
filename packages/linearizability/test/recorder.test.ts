import { describe, expect, test } from 'vitest';
import {
  createRecorder,
  HistoryError,
  historyProblems,
  registerModel,
  type RegisterInput,
  type RegisterOutput,
} from '../src/index.ts';
import { checkHistory } from '../src/index.ts';
import { read, write } from './operations.ts';

const writeA: RegisterInput = { op: 'write', value: 'a' };
const readIt: RegisterInput = { op: 'read' };

function recorder() {
  return createRecorder<RegisterInput, RegisterOutput>(registerModel());
}

describe('a recorder', () => {
  test('gives every event a time of its own, in the order of events', () => {
    const record = recorder();
    const [one, two] = [record.newProcess(), record.newProcess()];
    record.call(one, writeA, 'by member 2');
    record.call(two, readIt);
    record.returned(one, { op: 'write' });
    record.returned(two, { op: 'read', value: 'a' });
    expect(record.history()).toEqual([
      { process: one, call: 1, return: 3, input: writeA, output: { op: 'write' }, note: 'by member 2' },
      { process: two, call: 2, return: 4, input: readIt, output: { op: 'read', value: 'a' } },
    ]);
  });

  test('retires the process of a lost write, keeps the write open, and goes on with a fresh process', () => {
    const record = recorder();
    const one = record.newProcess();
    record.call(one, writeA);
    const next = record.lost(one);
    expect(next).not.toBe(one);
    expect(() => record.call(one, readIt)).toThrow(HistoryError);
    record.call(next, readIt);
    record.returned(next, { op: 'read', value: 'a' });
    const history = record.history();
    expect(history[0]).toEqual({ process: one, call: 1, return: Infinity, input: writeA, output: undefined });
    expect(historyProblems(history)).toEqual([]);
    expect(checkHistory(registerModel(), history).verdict).toBe('ok');
  });

  test('drops a lost read', () => {
    const record = recorder();
    const one = record.newProcess();
    record.call(one, readIt);
    record.lost(one);
    expect(record.history()).toEqual([]);
  });

  test('forgets what definitely failed, and the process goes on', () => {
    const record = recorder();
    const one = record.newProcess();
    record.call(one, writeA);
    record.failed(one);
    record.call(one, readIt);
    record.returned(one, { op: 'read', value: null });
    expect(record.history().map(({ input }) => input)).toEqual([readIt]);
  });

  test('counts calls under way as lost, without ending them', () => {
    const record = recorder();
    const one = record.newProcess();
    record.call(one, writeA);
    expect(record.history()).toMatchObject([{ call: 1, return: Infinity }]);
    record.returned(one, { op: 'write' });
    expect(record.history()).toMatchObject([{ call: 1, return: 2 }]);
  });

  test('refuses a second call of a process, an answer without a call, and a process that it never made', () => {
    const record = recorder();
    const one = record.newProcess();
    record.call(one, writeA);
    expect(() => record.call(one, writeA)).toThrow('E_HISTORY: this is no history (process 0 has a call under way)');
    record.failed(one);
    expect(() => record.returned(one, { op: 'write' })).toThrow('no call that could end');
    expect(() => record.failed(one)).toThrow(HistoryError);
    expect(() => record.lost(one)).toThrow(HistoryError);
    expect(() => record.call(9, writeA)).toThrow(HistoryError);
  });
});

describe('the assumptions of a check', () => {
  const cases = [
    { what: 'a return before its call', operations: [write([1, 2, 1], 'a')], text: 'the return at 1 is not after the call' },
    { what: 'a return at its call', operations: [write([1, 2, 2], 'a')], text: 'not after the call' },
    { what: 'a time that is no number', operations: [write([1, Number.NaN, 2], 'a')], text: 'no finite time' },
    { what: 'a return that is no number', operations: [write([1, 1, Number.NaN], 'a')], text: 'not after the call' },
    {
      what: 'two calls of one process at a time',
      operations: [write([1, 1, 4], 'a'), read([1, 3, 5], 'a')],
      text: 'a call under way, from 1 to 4',
    },
    {
      what: 'a process that goes on after an unknown outcome',
      operations: [write([1, 1], 'a'), read([1, 3, 5], 'a')],
      text: 'retired by the unknown outcome',
    },
    {
      what: 'an answer that is missing',
      operations: [{ ...read([1, 1, 2], 'a'), output: undefined }],
      text: 'returned without an output',
    },
    {
      what: 'an answer to what is unknown',
      operations: [{ ...read([1, 1, 2], 'a'), return: Infinity }],
      text: 'yet there is an output',
    },
    { what: 'a process that is no integer', operations: [read([0.5, 1, 2], null)], text: 'not an integer' },
  ];

  test.each(cases)('exclude $what', ({ operations, text }) => {
    expect(historyProblems(operations).join()).toContain(text);
    expect(() => checkHistory(registerModel(), operations)).toThrow(HistoryError);
  });

  test('allow a call at the moment of the last return of its process', () => {
    expect(historyProblems([write([1, 1, 2], 'a'), read([1, 2, 3], 'a')])).toEqual([]);
  });

  test('are told with at most twenty sentences', () => {
    const operations = Array.from({ length: 50 }, (_, process) => write([process, 2, 1], 'a'));
    expect(historyProblems(operations)).toHaveLength(20);
  });
});
