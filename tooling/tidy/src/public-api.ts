import { posix } from 'node:path';
import { type Finding, lineAt, type SourceFile } from './source-file.ts';
import { nodeIn, nodesIn, type SyntaxNode, syntaxOf, textIn } from './syntax.ts';

/** One exported name of an entry, with the place where it is declared. */
export interface PublicExport {
  readonly name: string;
  /** `function`, `const`, `class`, `interface`, `type`, or `re-export` for a name that another package declares. */
  readonly kind: string;
  readonly file: SourceFile;
  readonly line: number;
  readonly documented: boolean;
}

const kinds: Readonly<Record<string, string>> = {
  FunctionDeclaration: 'function',
  TSDeclareFunction: 'function',
  VariableDeclaration: 'const',
  ClassDeclaration: 'class',
  TSInterfaceDeclaration: 'interface',
  TSTypeAliasDeclaration: 'type',
};

/** Every name that an entry (`packages/raft/src/index.ts`) exports, followed through its re-exports, in order of name. */
export function publicExports(entry: SourceFile, files: readonly SourceFile[]): readonly PublicExport[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return exportsOf(entry, byPath).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The committed form of an entry's exports: one `kind name` per line. */
export function describeExports(
  entries: readonly { readonly title: string; readonly exports: readonly PublicExport[] }[],
): string {
  const sections = entries.map(({ title, exports }) =>
    [`# ${title}`, ...exports.map(({ kind, name }) => `${kind} ${name}`)].join('\n'),
  );
  return `${sections.join('\n\n')}\n`;
}

/** Public names without a docstring on their declaration. */
export function undocumentedExports(exports: readonly PublicExport[]): readonly Finding[] {
  const missing = exports.filter(({ documented, kind }) => !documented && kind !== 're-export');
  return missing.map(({ name, file, line }) => ({
    path: file.path,
    line,
    message: `${name} is public without a docstring: write /** … */ on it: what it promises, units, who owns buffers, errors and outcome, source`,
  }));
}

function exportsOf(file: SourceFile, byPath: ReadonlyMap<string, SourceFile>): readonly PublicExport[] {
  const found: PublicExport[] = [];
  for (const statement of nodesIn(syntaxOf(file).program, 'body')) {
    if (statement.type !== 'ExportNamedDeclaration') continue;
    const declaration = nodeIn(statement, 'declaration');
    if (declaration !== undefined) found.push(...declaredExports(file, statement, declaration));
    else found.push(...namedExports(file, statement, byPath));
  }
  return found;
}

function declaredExports(file: SourceFile, statement: SyntaxNode, declaration: SyntaxNode): readonly PublicExport[] {
  const kind = kinds[declaration.type] ?? declaration.type;
  const line = lineAt(file.text, statement.start);
  const documented = hasDocstring(file, statement);
  const ids =
    declaration.type === 'VariableDeclaration'
      ? nodesIn(declaration, 'declarations').map((one) => nodeIn(one, 'id'))
      : [nodeIn(declaration, 'id')];
  return ids.map((id) => ({ name: textIn(id, 'name'), kind, file, line, documented }));
}

function namedExports(file: SourceFile, statement: SyntaxNode, byPath: ReadonlyMap<string, SourceFile>): readonly PublicExport[] {
  const from = textIn(nodeIn(statement, 'source'), 'value');
  const line = lineAt(file.text, statement.start);
  return nodesIn(statement, 'specifiers').map((specifier) => {
    const name = nameOf(nodeIn(specifier, 'exported'));
    const local = nameOf(nodeIn(specifier, 'local'));
    const fallback: PublicExport = { name, kind: 're-export', file, line, documented: false };
    if (from !== '' && !from.startsWith('.')) return fallback;
    const source = from === '' ? file : byPath.get(posix.join(posix.dirname(file.path), from));
    // Generated files are not in the list; what they export is documented where it is generated from.
    if (source === undefined) return { ...fallback, kind: 'generated', documented: true };
    const target = from === '' ? localDeclaration(file, local) : exportsOf(source, byPath).find((one) => one.name === local);
    return target === undefined ? fallback : { ...target, name };
  });
}

/** A declaration that is exported by a list further down: `const a = 1; export { a };`. */
function localDeclaration(file: SourceFile, name: string): PublicExport | undefined {
  for (const statement of nodesIn(syntaxOf(file).program, 'body')) {
    if (!(statement.type in kinds)) continue;
    const found = declaredExports(file, statement, statement).find((one) => one.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A doc comment directly above; an overload's first signature counts for all. */
function hasDocstring(file: SourceFile, statement: SyntaxNode): boolean {
  return syntaxOf(file).comments.some((comment) => {
    if (comment.type !== 'Block' || !comment.value.startsWith('*')) return false;
    return comment.end <= statement.start && file.text.slice(comment.end, statement.start).trim() === '';
  });
}

function nameOf(node: SyntaxNode | undefined): string {
  return textIn(node, 'name') || textIn(node, 'value');
}
