import { kindOf } from './areas.ts';
import { publicPackages } from './manifest.ts';
import { type Finding, lineAt, type SourceFile } from './source-file.ts';

const headings = ['Install', 'Example', 'Guarantees', 'Capabilities', 'Options', 'Errors', 'Reading order', 'References'];

/** One checked example of a README. */
export interface ReadmeExample {
  readonly path: string;
  readonly line: number;
  readonly code: string;
}

/** Every public package has a README with the same chapters in the same order; services may add their own. */
export function readmeHeadings(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { folder, manifest } of publicPackages(files)) {
    const path = `${folder}/README.md`;
    const readme = files.find((file) => file.path === path);
    if (readme === undefined) {
      findings.push({ path, line: 1, message: `no README: write # ${manifest.name} and the chapters ${headings.join(', ')}` });
      continue;
    }
    const report = (message: string): void => void findings.push({ path, line: 1, message });
    const found = headingsOf(readme.text);
    const title = found.filter(({ level }) => level === 1).map(({ text }) => text);
    if (title.length !== 1 || title[0] !== manifest.name) report(`the one first-level heading must be "# ${manifest.name}"`);
    const chapters = found.filter(({ level }) => level === 2).map(({ text }) => text);
    for (const heading of headings) {
      if (!chapters.includes(heading) && (heading !== 'Capabilities' || hasCapabilities(folder)))
        report(`"## ${heading}" is missing`);
    }
    if (purposeOf(readme.text).length < 60) report('no purpose: say below the title what it is, and for whom');
    if (!/^## Example\n[\s\S]*?^```ts$/m.test(readme.text))
      report('"## Example" has no `ts` block: "pnpm release:dry" runs the first one');
    const known = chapters.filter((chapter) => headings.includes(chapter));
    const ordered = headings.filter((heading) => known.includes(heading));
    if (known.join() !== ordered.join()) report(`the order of chapters is ${headings.join(', ')}`);
    if (folder.startsWith('packages/')) {
      for (const extra of chapters.filter((chapter) => !headings.includes(chapter)))
        report(`"## ${extra}": fit it into one of ${headings.join(', ')}`);
    }
  }
  return findings;
}

/** What can be swapped says what it can do: a protocol, a transport, a storage. */
function hasCapabilities(folder: string): boolean {
  return kindOf(folder) === 'core' || /^packages\/(transport|storage)-/.test(folder);
}

/** The words between the title and the first chapter. */
function purposeOf(text: string): string {
  return /^# .+\n+([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)?.[1]?.trim() ?? '';
}

/** One first-level heading in every document. */
export function oneTitle(files: readonly SourceFile[]): readonly Finding[] {
  const documents = files.filter(({ path }) => path.endsWith('.md') && !isChangeset(path));
  const wrong = documents.filter(({ text }) => headingsOf(text).filter(({ level }) => level === 1).length !== 1);
  return wrong.map(({ path }) => ({ path, line: 1, message: 'needs exactly one first-level heading (# …)' }));
}

/** The blocks marked `ts` of every README: they are type-checked against the sources. */
export function readmeExamples(files: readonly SourceFile[]): readonly ReadmeExample[] {
  const examples: ReadmeExample[] = [];
  for (const { path, text } of files.filter((file) => /(^|\/)README\.md$/.test(file.path))) {
    for (const match of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
      examples.push({ path, line: lineAt(text, match.index) + 1, code: match[1] ?? '' });
    }
  }
  return examples;
}

function isChangeset(path: string): boolean {
  return (path.startsWith('.changeset/') && !path.endsWith('README.md')) || path.endsWith('CHANGELOG.md');
}

/** Headings outside of code blocks. */
function headingsOf(text: string): readonly { readonly level: number; readonly text: string }[] {
  const found: { level: number; text: string }[] = [];
  for (const match of text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^(#+) +(.+?) *$/gm)) {
    found.push({ level: (match[1] ?? '').length, text: match[2] ?? '' });
  }
  return found;
}
