import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { programSuite } from '../suites.mjs';

/** What the catalogue may say of one mutation; the tests leave out what they do not need. */
export interface TinyMutation {
  readonly id: string;
  readonly title: string;
  readonly area: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly suites: readonly string[];
  readonly first?: readonly string[];
  readonly harmless?: boolean;
}

const source = `export function largest(a, b) {
  // The larger one.
  return a > b ? a : b;
}
`;

const exact = `import { largest } from './largest.mjs';
if (largest(1, 2) !== 2 || largest(2, 1) !== 2) {
  console.log('the larger of two is not found');
  process.exit(1);
}
`;

const weak = `import { largest } from './largest.mjs';
if (largest(1, 1) !== 1) process.exit(1);
`;

/** A workspace of two packages in a temporary folder, with the links that an installation makes. */
export class TinyTree {
  readonly root: string = mkdtempSync(join(tmpdir(), 'quorate-tiny-'));

  constructor() {
    this.write('package.json', '{}');
    this.write('packages/numbers/package.json', '{ "name": "@tiny/numbers", "type": "module", "exports": "./largest.mjs" }');
    this.write('packages/numbers/largest.mjs', source);
    this.write('packages/numbers/exact.mjs', exact);
    this.write('packages/numbers/weak.mjs', weak);
    this.write('packages/numbers/dist/largest.mjs', 'built');
    this.write('packages/user/package.json', '{ "name": "@tiny/user", "type": "module" }');
    this.write('packages/user/use.mjs', "import { largest } from '@tiny/numbers';\nprocess.exit(largest(3, 4) === 4 ? 0 : 1);\n");
    this.write('node_modules/.pnpm/other/index.js', 'installed');
    this.link('../../../numbers', 'packages/user/node_modules/@tiny/numbers');
    this.link('../../../node_modules/.pnpm/other', 'packages/user/node_modules/other');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  private link(to: string, path: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(to, join(this.root, path));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Suites of the tiny tree: programs of Node, as a simulator would be one. */
export const tinySuites = {
  exact: programSuite({ name: 'exact', folder: 'packages/numbers', args: ['exact.mjs'] }),
  weak: programSuite({ name: 'weak', folder: 'packages/numbers', args: ['weak.mjs'] }),
  user: programSuite({ name: 'user', folder: 'packages/user', args: ['use.mjs'], wide: true }),
};

/** The smaller one instead of the larger one, unless the test says otherwise. */
export function tinyMutation(change: Partial<TinyMutation> = {}): TinyMutation {
  return {
    id: 'the-smaller-one',
    title: 'The smaller of two numbers is returned',
    area: 'numbers',
    file: 'packages/numbers/largest.mjs',
    find: 'a > b',
    replace: 'a < b',
    suites: ['exact'],
    ...change,
  };
}
