/**
 * The first `ts` block of a README's chapter "Example". Where it cannot run by itself, a comment before it says why:
 * `<!-- not run alone: it needs members that run -->`.
 *
 * @param {string} readme
 * @returns {{ code: string, reason: string | undefined } | undefined}
 */
export function firstExample(readme) {
  const chapter = /^## Example\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(readme)?.[1] ?? '';
  const found = /(?:<!-- not run alone: (?<reason>.+?) -->\n+)?^```ts\n(?<code>[\s\S]*?)^```$/m.exec(chapter);
  if (found?.groups === undefined) return undefined;
  return { code: found.groups.code ?? '', reason: found.groups.reason };
}
