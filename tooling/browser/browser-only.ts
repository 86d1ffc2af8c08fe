import { isBuiltin } from 'node:module';
import type { Plugin, Rolldown } from 'vite';

/** What only Node has. Scope is minded: a parameter called `process` is no mention of Node's. */
const nodeNames = ['process', 'Buffer', '__dirname', '__filename'] as const;

const markerOf = (name: string): string => `quorate_browser_has_no_${name}`;

/** Each name of Node's becomes a name that nobody else writes, so that what is left of it in a bundle can be found. */
export const markers: Record<string, string> = Object.fromEntries(nodeNames.map((name) => [name, markerOf(name)]));

/**
 * Ends a build whose bundle needs Node. What tree shaking removes is fine: a package may bind itself to Node in a file that the page
 * does not use.
 */
export function browserOnly(): Plugin {
  return {
    name: 'quorate:browser-only',
    enforce: 'pre',
    // Otherwise Vite would put an empty module in its place, and the page would fail at run time.
    resolveId: (source) => (isBuiltin(source) ? { id: source, external: true } : undefined),
    generateBundle(_options, bundle) {
      const problems: string[] = [];
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const source of [...chunk.imports, ...chunk.dynamicImports].filter(isBuiltin)) {
          const importers = modulesOf(chunk).filter((id) => {
            const { importedIds = [], dynamicallyImportedIds = [] } = this.getModuleInfo(id) ?? {};
            return importedIds.includes(source) || dynamicallyImportedIds.includes(source);
          });
          problems.push(`${source} is imported by ${importers.join(', ')}`);
        }
        for (const name of nodeNames.filter((each) => chunk.code.includes(markerOf(each)))) {
          const users = modulesOf(chunk).filter((id) => chunk.modules[id]?.code?.includes(markerOf(name)));
          problems.push(`${name} is used by ${users.join(', ')}`);
        }
      }
      if (problems.length > 0) this.error(`the page must run without Node:\n${problems.join('\n')}`);
    },
  };
}

/** The modules that are left in a chunk. */
function modulesOf(chunk: Rolldown.OutputChunk): readonly string[] {
  return Object.entries(chunk.modules).flatMap(([id, { code }]) => (code === null || code === '' ? [] : [id]));
}
