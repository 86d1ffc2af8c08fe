import { describe, expect, test } from 'vitest';
import { HistoryError, historyFromJson, historyToJson, kvModel } from '../src/index.ts';
import { put, swap } from './operations.ts';

describe('a history as JSON', () => {
  test('has a stable shape: one operation on a line, in the fields of Porcupine', () => {
    const operations = [{ ...put([1, 1, 2], 'x', 'a', null), note: 'member 2' }, swap([2, 3], 'x', ['a', 'b'], true)];
    expect(historyToJson(kvModel().name, operations)).toBe(
      [
        '{"format":"quorate-history","version":1,"model":"kv","operations":[',
        '{"call":1,"clientId":1,"input":{"key":"x","op":"put","value":"a"},"note":"member 2","output":{"op":"put","previous":null},"return":2},',
        '{"call":3,"clientId":2,"input":{"expected":"a","key":"x","op":"compare-and-set","value":"b"},"output":null,"return":null}',
        ']}',
        '',
      ].join('\n'),
    );
  });

  test('does not depend on the order in which objects were built', () => {
    const one = { process: 1, call: 1, return: 2, input: { op: 'get', key: 'x' }, output: { op: 'get', value: 'a' } };
    const other = { output: { value: 'a', op: 'get' }, input: { key: 'x', op: 'get' }, return: 2, call: 1, process: 1 };
    expect(historyToJson('kv', [one])).toBe(historyToJson('kv', [other]));
  });

  test('is read back as it was', () => {
    const operations = [put([1, 1, 2], 'x', '\u2028"\\'), put([2, 3], '', 'b')];
    expect(historyFromJson(historyToJson('kv', operations))).toEqual({ model: 'kv', operations });
    expect(historyFromJson(historyToJson('kv', []))).toEqual({ model: 'kv', operations: [] });
  });

  const head = '"format":"quorate-history","version":1';
  test.each([
    ['no JSON', 'nonsense'],
    ['a list', '[]'],
    ['another format', '{"format":"x","version":1,"model":"kv","operations":[]}'],
    ['another version', '{"format":"quorate-history","version":2,"model":"kv","operations":[]}'],
    ['no model', `{${head},"operations":[]}`],
    ['no operations', `{${head},"model":"kv"}`],
    ['an operation without a call', `{${head},"model":"kv","operations":[{"clientId":1,"input":1,"output":1,"return":2}]}`],
    [
      'a return that is no time',
      `{${head},"model":"kv","operations":[{"clientId":1,"call":1,"input":1,"output":1,"return":"2"}]}`,
    ],
    ['what is no history', `{${head},"model":"kv","operations":[{"clientId":1,"call":3,"input":1,"output":1,"return":2}]}`],
  ])('refuses %s', (_what, text) => {
    expect(() => historyFromJson(text)).toThrow(HistoryError);
  });
});
