import { type Finding, lineAt, type SourceFile } from './source-file.ts';

const named = /<!-- from (\S+) -->\n+$/;

/**
 * Code in a document that is no README is quoted: a comment before each `ts` block names the file, and the block must stand there, line
 * by line. So what a reader copies is what the tests run. (The examples of READMEs are compiled instead.)
 */
export function quotedCode(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { path, text } of files.filter(
    (file) => file.path.endsWith('.md') && !/(^|\/)(README|CHANGELOG)\.md$/.test(file.path),
  )) {
    for (const match of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
      const report = (message: string): void => void findings.push({ path, line: lineAt(text, match.index) + 1, message });
      const source = named.exec(text.slice(0, match.index))?.[1];
      const file = files.find((one) => one.path === source);
      if (source === undefined) report('a quotation without a source: write <!-- from path/to/file.ts --> before it');
      else if (file === undefined) report(`quotes ${source}, which does not exist`);
      else if (!linesOf(file.text).includes(linesOf(match[1] ?? ''))) report(`is not in ${source} like this: quote it again`);
    }
  }
  return findings;
}

/** The lines without their indentation: a formatter moves a quotation to the left. */
function linesOf(text: string): string {
  const lines = text.trim().split('\n');
  return `\n${lines.map((line) => line.trim()).join('\n')}\n`;
}
