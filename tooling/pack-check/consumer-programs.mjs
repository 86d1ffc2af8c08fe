/** Loads every entry with `import`. A leftover of TypeScript, a file that was not packed or an undeclared dependency shows here. */
export function loadWithImport(entries) {
  return `const problems = [];
for (const entry of ${JSON.stringify(entries)}) {
  try {
    if (Object.keys(await import(entry)).length === 0) problems.push(entry + ' exports nothing');
  } catch (error) {
    problems.push(entry + ': ' + error.message);
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
`;
}

/**
 * Loads every entry with `require`, which Node 20.19 and newer allow for modules without top-level await, and then with \`import\`:
 * both must hand out the same objects, or a program would have two of everything.
 */
export function loadWithRequire(entries) {
  return `const problems = [];
(async () => {
  for (const entry of ${JSON.stringify(entries)}) {
    try {
      const required = require(entry);
      const imported = await import(entry);
      for (const name of Object.keys(imported))
        if (required[name] !== imported[name]) problems.push(entry + ': ' + name + ' is another object with require');
    } catch (error) {
      problems.push(entry + ': ' + error.message);
    }
  }
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
})();
`;
}

/** Mentions every entry, so that the compiler reads all declarations; a namespace that is `any` would be an error. */
export function typesOfAll(entries) {
  const lines = entries.map((entry, at) => `import * as entry${at} from '${entry}';`);
  const mentions = entries.map((_, at) => `export const has${at}: IfAny<typeof entry${at}, never, object> = entry${at};`);
  return `type IfAny<T, Y, N> = 0 extends 1 & T ? Y : N;\n${lines.join('\n')}\n${mentions.join('\n')}\n`;
}

/** The same from a CommonJS file of TypeScript. */
export function typesOfAllFromCommonJs(entries) {
  const lines = entries.map((entry, at) => `import entry${at} = require('${entry}');`);
  return `${lines.join('\n')}\nconst all: readonly object[] = [${entries.map((_, at) => `entry${at}`).join(', ')}];\nexport = all;\n`;
}

/** What a careful user of TypeScript writes; declarations of packages are checked too. */
export const typeScriptSettings = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    types: ['node'],
    outDir: 'out',
    rootDir: '.',
  },
  include: ['*.ts', '*.cts'],
};
