import { type Finding, isCode, isSource, type SourceFile } from './source-file.ts';
import { nodeIn, nodesIn, syntaxOf, textIn } from './syntax.ts';

const vague = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types', 'shared', 'lib']);

/** File names are kebab-case and say what is inside. */
export function fileNames(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { path } of files.filter(isCode)) {
    const name = stem(path);
    const report = (message: string): void => void findings.push({ path, line: 1, message });
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/.test(name)) report(`"${name}": write file names in kebab-case`);
    if (path.split('/').some((part) => vague.has(stem(part))))
      report('a name that says nothing: name the file after the one idea in it');
  }
  return findings;
}

/** A file with one export carries its name: every word of the file's name is in the export's. */
export function mainExports(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter(isSource)) {
    const names = exportedNames(file);
    const [only] = names;
    if (names.length !== 1 || only === undefined || stem(file.path) === 'index') continue;
    const words = wordsOf(only);
    const missing = stem(file.path)
      .split('-')
      .filter((word) => !words.some((other) => sameWord(word, other)));
    if (missing.length > 0)
      findings.push({
        path: file.path,
        line: 1,
        message: `its one export is ${only}: name the file ${wordsOf(only).join('-')}.ts, or a part of that`,
      });
  }
  return findings;
}

function exportedNames(file: SourceFile): readonly string[] {
  const names: string[] = [];
  for (const statement of nodesIn(syntaxOf(file).program, 'body')) {
    if (statement.type !== 'ExportNamedDeclaration') continue;
    const declaration = nodeIn(statement, 'declaration');
    names.push(textIn(nodeIn(declaration, 'id'), 'name'));
    for (const one of nodesIn(declaration, 'declarations')) names.push(textIn(nodeIn(one, 'id'), 'name'));
    for (const one of nodesIn(statement, 'specifiers')) names.push(textIn(nodeIn(one, 'exported'), 'name'));
  }
  return names.filter((name) => name !== '');
}

function stem(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/\.(ts|mjs)$/, '');
}

/** `createTcpTransport2` becomes create, tcp, transport2. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .split('-');
}

/** One word, whatever its number or ending: entry and entries, recover and recovery. */
function sameWord(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  const stem = short.replace(/(ies|y|s|e)$/, '');
  return long.startsWith(stem) && long.length - stem.length <= 4 && stem.length >= 2;
}
