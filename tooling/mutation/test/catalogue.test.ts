import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogueProblems, loadCatalogue, select } from '../catalogue.mjs';
import { checkChoice, parseOptions, UsageError } from '../options.mjs';
import { readReport, suites, vitestSuite } from '../suites.mjs';
import { tinyMutation } from './tiny-tree.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const all = await loadCatalogue();

describe('the catalogue', () => {
  test('is sound: files, suites and ids are there, and its size is what the project promises', () => {
    expect(catalogueProblems(all, suites, root)).toEqual([]);
    expect(all.filter(({ harmless }) => !harmless).length).toBeGreaterThanOrEqual(45);
    expect(all.filter(({ harmless }) => harmless).length).toBeGreaterThanOrEqual(4);
  });

  test.each([
    [{ id: 'Not Kebab' }, 'kebab case'],
    [{ title: '' }, 'no title'],
    [{ file: 'packages/none.ts' }, 'does not exist'],
    [{ replace: 'a > b' }, 'changes nothing'],
    [{ suites: [] }, 'names no suite'],
    [{ suites: ['none'] }, 'no suite called none'],
    [{ first: ['test/none.test.ts'] }, 'no packages/raft/test/none.test.ts'],
  ])('%o is a problem', (change, words) => {
    const mutation = { ...tinyMutation(), file: 'package.json', suites: ['raft'], ...change };
    expect(catalogueProblems([mutation], suites, root).join()).toContain(words);
  });

  test('two mutations do not share an id', () => {
    const mutation = { ...tinyMutation(), file: 'package.json', suites: ['raft'] };
    expect(catalogueProblems([mutation, mutation], suites, root)).toEqual(['the-smaller-one: another mutation has the same id']);
  });
});

describe('a choice', () => {
  const some = [tinyMutation({ id: 'n', harmless: true }), tinyMutation({ id: 'a' }), tinyMutation({ id: 'b', area: 'other' })];
  const ids = (choice: object): string[] => select(some, choice).map(({ id }: { id: string }) => id);

  test('by id or area, null patches last', () => {
    expect(ids({})).toEqual(['a', 'b', 'n']);
    expect(ids({ only: ['b', 'a'] })).toEqual(['a', 'b']);
    expect(ids({ areas: ['numbers'] })).toEqual(['a', 'n']);
  });

  test('of what is not there is refused by name', () => {
    expect(() => checkChoice({ only: ['z'], areas: [] }, some)).toThrow('no mutation called z');
    expect(() => checkChoice({ only: [], areas: ['z'] }, some)).toThrow('no area called z');
  });
});

describe('flags', () => {
  test('are read', () => {
    const args = ['--', '--only', 'a,b', '--area', 'raft', '--jobs', '3', '--limit', '10', '--json', 'out.json'];
    expect(parseOptions(args)).toMatchObject({ only: ['a', 'b'], areas: ['raft'], jobs: 3, limitMs: 10_000, json: 'out.json' });
    expect(parseOptions([])).toMatchObject({ only: [], areas: [], limitMs: 60_000, list: false, check: false, help: false });
  });

  test.each([['--jobs', '0'], ['--jobs', 'x'], ['--limit', '-1'], ['--unknown'], ['stray']])('%s %s is refused', (...args) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
  });
});

describe('a report of vitest', () => {
  const file = (status: string, assertions: object[], message = ''): object => ({
    name: '/x/test/a.test.ts',
    status,
    message,
    assertionResults: assertions,
  });
  const passed = { status: 'passed', fullName: 'p' };
  const failed = { status: 'failed', fullName: 'what failed' };

  test('names the test that failed', () => {
    const report = { numPassedTests: 1, testResults: [file('failed', [passed, failed])] };
    expect(readReport(1, report, '')).toEqual({ verdict: 'failed', about: 'a.test.ts › what failed' });
  });

  test('tells a file that did not load from one that failed', () => {
    const report = { numPassedTests: 1, testResults: [file('passed', [passed]), file('failed', [], 'Unexpected token\nat')] };
    expect(readReport(1, report, '')).toEqual({ verdict: 'broken', about: 'a.test.ts: Unexpected token' });
  });

  test('an error between passing tests is a failure, no report or no test is none at all', () => {
    const report = { numPassedTests: 1, testResults: [file('passed', [passed])] };
    expect(readReport(1, report, '').verdict).toBe('failed');
    expect(readReport(0, report, '').verdict).toBe('passed');
    expect(readReport(0, { numPassedTests: 0, testResults: [] }, '').verdict).toBe('broken');
    expect(readReport(1, undefined, 'x\nlast words\n')).toEqual({ verdict: 'broken', about: 'last words' });
  });

  test('files are chosen and left out in the way that the suite allows', () => {
    const whole = vitestSuite({ name: 'w', folder: 'packages/w' });
    const listed = vitestSuite({ name: 'l', folder: 'packages/l', files: ['a', 'b'] });
    expect(whole.command({ only: ['a'], workers: 1 }).slice(-1)).toEqual(['a']);
    expect(whole.command({ except: ['a'], workers: 1 }).slice(-2)).toEqual(['--exclude', 'a']);
    expect(listed.command({ except: ['a'], workers: 1 }).slice(-1)).toEqual(['b']);
  });
});
