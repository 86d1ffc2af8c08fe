/** One file of the repository, as the checks see it. */
export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** One place that breaks a rule. The message says what to write instead. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A rule over a list of files: no disk, no clock, so that a test can show it going red. */
export type Check = (files: readonly SourceFile[]) => readonly Finding[];

/** TypeScript or plain JavaScript that people write here. */
export function isCode(file: SourceFile): boolean {
  return /\.(ts|mjs)$/.test(file.path) && !file.path.endsWith('.d.ts');
}

/** A test or a benchmark: outside `src`, never published. */
export function isTest(file: SourceFile): boolean {
  return isCode(file) && /(^|\/)(test|bench|repository)\//.test(file.path);
}

/** What a package publishes. */
export function isSource(file: SourceFile): boolean {
  return isCode(file) && /^(packages|apps|tooling)\/[^/]+\/src\//.test(file.path);
}

/** `packages/raft` for any file below it, undefined for files of the root. */
export function packageFolder(path: string): string | undefined {
  return /^(?:packages|apps|tooling)\/[^/]+(?=\/)/.exec(path)?.[0];
}

/** The line, counted from 1, of a place in a text. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let place = text.indexOf('\n'); place !== -1 && place < offset; place = text.indexOf('\n', place + 1)) line += 1;
  return line;
}
