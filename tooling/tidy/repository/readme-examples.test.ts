import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exampleFile, exampleSettings } from '../src/readme-compiler.ts';
import { readmeExamples } from '../src/readmes.ts';
import { repositoryFiles, root } from '../src/repository-files.ts';

const files = repositoryFiles();
const examples = readmeExamples(files);
const folder = join(root, '.cache', 'readme-examples');
let errors: readonly string[] = [];
/** The compiler reads all packages; on a busy machine that takes its time. */
const compileMs = 120_000;

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const example of examples) writeFileSync(join(folder, exampleFile(example)), example.code);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(exampleSettings(files), undefined, 2));
  errors = compile();
}, compileMs);

describe('examples in READMEs compile', () => {
  test.each(examples.map((example) => ({ place: `${example.path}:${example.line}`, example })))('$place', ({ example }) => {
    expect(errors.filter((line) => line.includes(exampleFile(example))).join('\n')).toBe('');
  });

  test('and so does what they import', () => {
    expect(errors.filter((line) => !examples.some((example) => line.includes(exampleFile(example)))).join('\n')).toBe('');
  });
});

/** The compiler's errors, one per line; none where it is content. */
function compile(): readonly string[] {
  if (examples.length === 0) return [];
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: root, encoding: 'utf8' });
    return [];
  } catch (error) {
    const { stdout } = error as { stdout: string };
    return stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
  }
}
