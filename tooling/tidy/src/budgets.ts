import { type Finding, isCode, isTest, lineAt, type SourceFile } from './source-file.ts';
import { dottedName, nodeIn, type SyntaxNode, syntaxOf, textIn, walk } from './syntax.ts';

/** What a file aims for; beyond it, it is reported, no more. */
export const fileAimLines = 300;
/** Where a file must be split. */
export const fileLimitLines = 400;
/** Where a function must be split. */
export const functionLimitLines = 70;
/** Where a file is a blob. The lockfile is the one exception: a tool writes it. */
export const fileLimitBytes = 100_000;

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Files over the hard limit, not counting comments. */
export function fileBudget(files: readonly SourceFile[]): readonly Finding[] {
  return filesOver(
    files,
    fileLimitLines,
    (lines) => `${lines} lines without comments (limit ${fileLimitLines}): split it by idea, one exported idea per file`,
  );
}

/** Files that are legal and still longer than they aim to be: for reading, not for failing. */
export function fileAims(files: readonly SourceFile[]): readonly Finding[] {
  return filesOver(files, fileAimLines, (lines) => `${lines} lines without comments (aim ${fileAimLines})`);
}

/** Functions over the limit. In tests the callback of `describe` is a chapter, not a function. */
export function functionBudget(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter(isCode)) {
    const comments = commentLines(file);
    walk(syntaxOf(file).program, (node, above) => {
      if (!functionTypes.has(node.type)) return;
      if (isTest(file) && isChapter(above.at(-1))) return;
      const first = lineAt(file.text, node.start);
      const lines = countWithout(comments, first, lineAt(file.text, node.end));
      if (lines <= functionLimitLines) return;
      const message = `${functionName(node, above)} has ${lines} lines (limit ${functionLimitLines}): move straight-line parts into functions below it`;
      findings.push({ path: file.path, line: first, message });
    });
  }
  return findings;
}

/** Files that do not belong into a repository of sources. */
export function sizeBudget(sizes: readonly { readonly path: string; readonly bytes: number }[]): readonly Finding[] {
  const big = sizes.filter(({ path, bytes }) => bytes > fileLimitBytes && path !== 'pnpm-lock.yaml');
  return big.map(({ path, bytes }) => ({
    path,
    line: 1,
    message: `${bytes} bytes (limit ${fileLimitBytes}): generate it, or keep it elsewhere`,
  }));
}

function filesOver(files: readonly SourceFile[], limit: number, describe: (lines: number) => string): readonly Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter(isCode)) {
    const lines = countWithout(commentLines(file), 1, file.text.trimEnd().split('\n').length);
    if (lines > limit) findings.push({ path: file.path, line: 1, message: describe(lines) });
  }
  return findings;
}

/** The numbers of the lines that hold a comment and nothing else. */
function commentLines(file: SourceFile): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const { start, end } of syntaxOf(file).comments) {
    const lineStart = file.text.lastIndexOf('\n', start - 1) + 1;
    const lineEnd = file.text.indexOf('\n', end);
    const before = file.text.slice(lineStart, start);
    const after = file.text.slice(end, lineEnd === -1 ? undefined : lineEnd);
    if (before.trim() !== '' || after.trim() !== '') continue;
    const last = lineAt(file.text, end);
    for (let line = lineAt(file.text, start); line <= last; line++) lines.add(line);
  }
  return lines;
}

function countWithout(skipped: ReadonlySet<number>, first: number, last: number): number {
  let count = 0;
  for (let line = first; line <= last; line++) if (!skipped.has(line)) count += 1;
  return count;
}

/** `describe(…)`, also as `describe.each(…)(…)` and `describe.skipIf(…)(…)`. */
function isChapter(parent: SyntaxNode | undefined): boolean {
  if (parent?.type !== 'CallExpression') return false;
  const callee = nodeIn(parent, 'callee');
  const name = dottedName(callee?.type === 'CallExpression' ? nodeIn(callee, 'callee') : callee);
  return name === 'describe' || name.startsWith('describe.');
}

function functionName(node: SyntaxNode, above: readonly SyntaxNode[]): string {
  const own = textIn(nodeIn(node, 'id'), 'name');
  if (own !== '') return own;
  const parent = above.at(-1);
  const name = dottedName(nodeIn(parent, 'id')) || dottedName(nodeIn(parent, 'key'));
  return name === '' ? 'a function' : name;
}
