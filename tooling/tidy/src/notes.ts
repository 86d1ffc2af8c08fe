import { type Finding, isCode, lineAt, type SourceFile } from './source-file.ts';
import { syntaxOf } from './syntax.ts';

// Put together from pieces, so that this file does not find itself.
const places = new RegExp(
  [
    ['/ho', 'me/\\w'],
    ['/ro', 'ot/'],
    ['/Us', 'ers/\\w'],
    ['[A-Z]:\\\\Us', 'ers'],
    ['/wo', 'rk/(main|shared)'],
  ]
    .map((parts) => parts.join(''))
    .join('|'),
);
const hosts = new RegExp(
  [
    ['registry\\.', '(npmjs|yarnpkg)\\.'],
    ['local', 'host:4873'],
    ['artifactory', '\\.'],
    ['npm\\.', 'pkg\\.'],
  ]
    .map((parts) => parts.join(''))
    .join('|'),
);

/** Promises that nobody keeps. */
export function unfinishedNotes(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const file of files.filter(isCode)) {
    for (const { value, start } of syntaxOf(file).comments) {
      const report = (message: string): void => void findings.push({ path: file.path, line: lineAt(file.text, start), message });
      if (/\bFIXME\b/.test(value)) report('FIXME: fix it, or open an issue and write TODO with its number');
      if (/\bTODO\b(?! ?\(?#\d+)/.test(value)) report('TODO without an issue: write "TODO (#12): …", or do it');
      if (/@ts-(ignore|nocheck)/.test(value))
        report('a switched-off compiler: write @ts-expect-error with the reason, or mend the type');
    }
  }
  return findings;
}

/** What belongs to one machine: paths of its users, hosts of its registry. */
export function machineTraces(files: readonly SourceFile[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { path, text } of files) {
    for (const [number, line] of text.split('\n').entries()) {
      if (places.test(line))
        findings.push({
          path,
          line: number + 1,
          message: "a path of somebody's machine: make it relative, or take it as an option",
        });
      if (hosts.test(line))
        findings.push({
          path,
          line: number + 1,
          message: 'the host of a package registry: every machine has its own; leave it out',
        });
    }
  }
  return findings;
}
