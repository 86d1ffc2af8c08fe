import { isPure, mayPromise } from './areas.ts';
import { type Finding, isCode, isTest, lineAt, type SourceFile } from './source-file.ts';
import { dottedName, importsOf, nodeIn, nodesIn, type SyntaxNode, syntaxOf, textIn, walk } from './syntax.ts';

const time = 'time arrives as an input: take a Host and use its monotonicMs() or at()';
const turn = 'use host.endOfTurn() or host.at()';
const bytes = 'use Uint8Array and DataView';
const text = 'use encodeText and decodeText of @quorate/interface';
const rounding =
  'engines differ in its last bits, and a seed then means another run: use the logarithm of @quorate/simulator, or whole numbers';
const promise = "nothing inside a member waits: take a callback; the package's façade file makes promises of it";

/** What ECMAScript calls implementation-approximated, but for the square root, which IEEE 754 rounds correctly in every engine. */
const roundedFunctions = ['log', 'log2', 'log10', 'log1p', 'exp', 'expm1', 'pow', 'cbrt', 'hypot'].concat([
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'atan2',
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'atanh',
]);

/** What a pure file must not mention, and what it writes instead. */
const impureNames: Readonly<Record<string, string>> = {
  Date: time,
  performance: time,
  'Math.random': 'chance arrives as an input: take a Host and use its random source',
  crypto: 'chance and identities arrive as inputs: take a Host',
  setTimeout: turn,
  setInterval: turn,
  setImmediate: turn,
  clearTimeout: turn,
  clearInterval: turn,
  queueMicrotask: turn,
  process: 'flags, signals and memory belong to @quorate/server: take what you need as an option',
  Buffer: bytes,
  TextEncoder: text,
  TextDecoder: text,
  console: 'report through an event or a trace effect; @quorate/server writes the log',
  globalThis: 'global state is banned: take what you need as an option',
  fetch: 'a pure package has no network: take a Transport',
  Promise: promise,
  ...Object.fromEntries(roundedFunctions.map((name) => [`Math.${name}`, rounding])),
};

/** Time, chance, Node and promises in packages that the simulator and the browser must be able to run. */
export function pureTokens(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter((candidate) => isCode(candidate) && isPure(candidate.path))) {
    const report = reporter(file, findings);
    const own = declaredNames(file);
    const promises = mayPromise(file.path);
    for (const { from, node } of importsOf(file)) {
      if (from.startsWith('node:')) report(node, `"${from}" in a pure file: only the package's binding file knows Node`);
    }
    walk(syntaxOf(file).program, (node, above) => {
      const waits = node['async'] === true || node.type === 'AwaitExpression';
      if (waits && !promises) report(node, `async or await in a pure file: ${promise}`);
      const name = impureName(node, above);
      const first = name.split('.')[0] ?? '';
      if (name === 'Promise' && promises) return;
      if (name !== '' && !own.has(first)) report(node, `${name} in a pure file: ${impureNames[name]}`);
    });
  }
  return findings;
}

/** What nobody writes anywhere. */
export function bannedEverywhere(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter(isCode)) {
    const report = reporter(file, findings);
    walk(syntaxOf(file).program, (node) => {
      if (node.type === 'ExportAllDeclaration') report(node, 'export *: name every re-export');
      if (node.type === 'ExportDefaultDeclaration' && !isConfig(file)) report(node, 'default export: export a name');
      if (node.type === 'TSAnyKeyword') report(node, 'any: write the type, or unknown and narrow it');
      if (node.type === 'TSEnumDeclaration') report(node, 'enum: use an object "as const" or a union of strings');
    });
  }
  return findings;
}

/** Console output outside of programs that people run. */
export function consoleOutsideApps(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter((candidate) => isCode(candidate) && candidate.path.startsWith('packages/server/src/'))) {
    const report = reporter(file, findings);
    walk(syntaxOf(file).program, (node) => {
      if (dottedName(node).startsWith('console.'))
        report(node, 'console: write through the logger, or to the process streams that were handed in');
    });
  }
  return findings;
}

/** Habits of tests that hide what they promise, or hide that they do not run. */
export function testHabits(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter(isTest)) {
    const report = reporter(file, findings);
    walk(syntaxOf(file).program, (node) => {
      if (node.type === 'Property' && dottedName(nodeIn(node, 'key')) === 'retry')
        report(node, 'retry: a test that needs a second chance hides a defect; wait on the condition');
      if (node.type !== 'CallExpression') return;
      const callee = testName(nodeIn(node, 'callee'));
      if (callee === '') return;
      if (callee.endsWith('.only')) report(node, `${callee}: the other tests would not run`);
      if (/\.(skip|todo)$/.test(callee) && !hasCommentBefore(file, node))
        report(node, `${callee} without a reason: say why in a comment on the line above`);
      const title = nodesIn(node, 'arguments')[0];
      if (/\bshould\b/i.test(textIn(title, 'value')))
        report(node, '"should" in a test name: state the behaviour ("rejects an append …")');
    });
  }
  return findings;
}

function reporter(file: SourceFile, findings: Finding[]): (node: SyntaxNode, message: string) => void {
  return (node, message) => findings.push({ path: file.path, line: lineAt(file.text, node.start), message });
}

/** Tools insist on a default export in their configuration. */
function isConfig(file: SourceFile): boolean {
  return /\.config\.(ts|mjs)$/.test(file.path);
}

/** The banned name that a node mentions, or the empty string. Property names and keys are no mention. */
function impureName(node: SyntaxNode, above: readonly SyntaxNode[]): string {
  if (node.type === 'MemberExpression') return dottedName(node) in impureNames ? dottedName(node) : '';
  if (node.type !== 'Identifier') return '';
  const name = textIn(node, 'name');
  const parent = above.at(-1);
  const isKey = nodeIn(parent, 'key') === node && parent?.['computed'] !== true && parent?.['shorthand'] !== true;
  const isProperty = nodeIn(parent, 'property') === node && parent?.['computed'] !== true;
  const isLabel = nodeIn(parent, 'right') === node && parent?.type === 'TSQualifiedName';
  return isKey || isProperty || isLabel || !Object.hasOwn(impureNames, name) ? '' : name;
}

/** Names that the file declares itself: a parameter called `process` is no mention of Node's. */
function declaredNames(file: SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (pattern: SyntaxNode | undefined): void => {
    if (pattern === undefined) return;
    if (pattern.type === 'Identifier') names.add(textIn(pattern, 'name'));
    for (const property of nodesIn(pattern, 'properties')) add(nodeIn(property, 'value') ?? nodeIn(property, 'argument'));
    for (const element of nodesIn(pattern, 'elements')) add(element);
    add(nodeIn(pattern, 'left'));
    if (pattern.type === 'RestElement') add(nodeIn(pattern, 'argument'));
  };
  walk(syntaxOf(file).program, (node) => {
    if (node.type === 'VariableDeclarator') add(nodeIn(node, 'id'));
    if (/^(FunctionDeclaration|ClassDeclaration|TSInterfaceDeclaration|TSTypeAliasDeclaration)$/.test(node.type))
      add(nodeIn(node, 'id'));
    if (/^Import\w*Specifier$/.test(node.type)) add(nodeIn(node, 'local'));
    for (const parameter of nodesIn(node, 'params')) add(parameter);
  });
  return names;
}

/** `test`, `it.only`, `describe.skip`, also under `.each(…)` and `.skipIf(…)`; the empty string for other calls. */
function testName(callee: SyntaxNode | undefined): string {
  const inner = callee?.type === 'CallExpression' ? nodeIn(callee, 'callee') : callee;
  const name = dottedName(inner);
  return /^(test|it|describe)(\.|$)/.test(name) ? name : '';
}

function hasCommentBefore(file: SourceFile, node: SyntaxNode): boolean {
  const line = lineAt(file.text, node.start);
  return syntaxOf(file).comments.some((comment) => {
    const last = lineAt(file.text, comment.end);
    return last === line - 1 || last === line;
  });
}
