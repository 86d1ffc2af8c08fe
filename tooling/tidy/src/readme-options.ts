import { entriesOf, publicPackages } from './manifest.ts';
import { publicExports } from './public-api.ts';
import type { Finding, SourceFile } from './source-file.ts';
import { nodeIn, nodesIn, type SyntaxNode, syntaxOf, textIn } from './syntax.ts';

/**
 * What may be left out is what a reader must look up: every optional field of a public `…Options` interface stands in the package's
 * README, in its chapter "Options". A field that must be given is asked for by the compiler.
 */
export function readmeOptions(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const one of publicPackages(files)) {
    const path = `${one.folder}/README.md`;
    const chapter = optionsOf(files.find((file) => file.path === path)?.text ?? '');
    for (const entry of entriesOf(one)) {
      const file = files.find((candidate) => candidate.path === entry.path);
      if (file === undefined) continue;
      for (const { name, kind, file: source } of publicExports(file, files)) {
        if (kind !== 'interface' || !name.endsWith('Options')) continue;
        for (const field of optionalFields(source, name))
          if (!chapter.includes(`\`${field}\``))
            findings.push({
              path,
              line: 1,
              message: `"## Options" does not name \`${field}\` of ${name}: unit, default, meaning`,
            });
      }
    }
  }
  return findings;
}

function optionsOf(readme: string): string {
  return /^## Options\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(readme)?.[1] ?? '';
}

function optionalFields(file: SourceFile, name: string): readonly string[] {
  const declared = nodesIn(syntaxOf(file).program, 'body').map((statement) => nodeIn(statement, 'declaration') ?? statement);
  const found = declared.find((node) => node.type === 'TSInterfaceDeclaration' && textIn(nodeIn(node, 'id'), 'name') === name);
  const members: readonly SyntaxNode[] = nodesIn(nodeIn(found, 'body'), 'body');
  return members.filter((member) => member['optional'] === true).map((member) => textIn(nodeIn(member, 'key'), 'name'));
}
