import { type Comment, parseSync } from 'oxc-parser';
import { isCode, type SourceFile } from './source-file.ts';

/** A node of the syntax tree (ESTree with TypeScript); only what every node has is typed. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A parsed file. */
export interface Syntax {
  readonly program: SyntaxNode;
  readonly comments: readonly Comment[];
}

const parsed = new WeakMap<SourceFile, Syntax>();

/** Parses a file once; the checks share the tree. */
export function syntaxOf(file: SourceFile): Syntax {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  if (!isCode(file)) throw new Error(`${file.path} is not code`);
  const result = parseSync(file.path, file.text);
  const program: unknown = result.program;
  const syntax: Syntax = { program: program as SyntaxNode, comments: result.comments };
  parsed.set(file, syntax);
  return syntax;
}

/** Calls `visit` for a node and everything below it, outermost first, with the chain of nodes above. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode, above: readonly SyntaxNode[]) => void): void {
  const above: SyntaxNode[] = [];
  const enter = (current: SyntaxNode): void => {
    visit(current, above);
    above.push(current);
    for (const field of Object.keys(current)) {
      const value = current[field];
      if (Array.isArray(value)) value.filter(isNode).forEach(enter);
      else if (isNode(value)) enter(value);
    }
    above.pop();
  };
  enter(node);
}

/** The node in a field, if there is one. */
export function nodeIn(node: SyntaxNode | undefined, field: string): SyntaxNode | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

/** The nodes in a field that holds a list. */
export function nodesIn(node: SyntaxNode | undefined, field: string): readonly SyntaxNode[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The string in a field, or the empty string. */
export function textIn(node: SyntaxNode | undefined, field: string): string {
  const value = node?.[field];
  return typeof value === 'string' ? value : '';
}

/** The name of an identifier, or of a property `a.b` as `a.b`; the empty string for anything else. */
export function dottedName(node: SyntaxNode | undefined): string {
  if (node?.type === 'Identifier') return textIn(node, 'name');
  if (node?.type !== 'MemberExpression' || node['computed'] === true) return '';
  const object = dottedName(nodeIn(node, 'object'));
  return object === '' ? '' : `${object}.${dottedName(nodeIn(node, 'property'))}`;
}

/** Every module that a file imports from, re-exports from or loads dynamically. */
export function importsOf(
  file: SourceFile,
): readonly { readonly from: string; readonly node: SyntaxNode; readonly typeOnly: boolean }[] {
  const found: { from: string; node: SyntaxNode; typeOnly: boolean }[] = [];
  walk(syntaxOf(file).program, (node) => {
    if (!/^(ImportDeclaration|ImportExpression|ExportNamedDeclaration|ExportAllDeclaration)$/.test(node.type)) return;
    const source = nodeIn(node, 'source');
    const from = textIn(source, 'value');
    const typeOnly = node['importKind'] === 'type' || node['exportKind'] === 'type';
    if (from !== '') found.push({ from, node, typeOnly });
  });
  return found;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
