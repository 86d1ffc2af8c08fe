import type { Finding } from './source-file.ts';

/** Findings as lines that an editor can jump to. */
export function describeFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ path, line, message }) => `${path}:${line} ${message}`)
    .toSorted()
    .join('\n');
}
