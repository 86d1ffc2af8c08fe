import process from 'node:process';
import { run } from './child.mjs';
import { runPnpm } from './pnpm.mjs';
import { say } from './progress.mjs';
import { root } from './repository.mjs';

/** Every check: its name, the command after `pnpm exec` (or a script of ours), and what to do when it is red. */
export const checks = [
  { name: 'format', command: ['oxfmt', '--check'], next: 'run "pnpm format" and look at the difference' },
  {
    name: 'lint',
    command: ['oxlint', '--type-aware', '--deny-warnings'],
    next: 'mend what it names; "pnpm lint" shows it again',
  },
  { name: 'typecheck', command: ['tsc', '-b', 'tooling/typecheck'], next: 'mend the types; "pnpm typecheck" shows it again' },
  {
    name: 'boundaries',
    command: ['turbo', 'boundaries'],
    next: 'arrows point down: the levels are in turbo.json and tooling/tidy/src/areas.ts',
  },
  { name: 'knip', command: ['knip', '--production', '--strict'], next: 'delete what nothing uses, list what is used' },
  { name: 'sherif', command: ['sherif', '--fail-on-warnings'], next: 'mend the package.json it names' },
  {
    name: 'tidy',
    command: ['pnpm', '--filter', '@quorate/tidy', 'run', 'tidy'],
    next: 'each line says what to write instead; "pnpm tidy" shows them again',
  },
  {
    name: 'mutations',
    command: ['pnpm', '--filter', '@quorate/mutation', 'run', 'stale'],
    next: 'the source has moved on: tell the catalogue in tooling/mutation, as its README says',
  },
  {
    name: 'pack-check',
    script: 'tooling/pack-check/pack-check.mjs',
    next: 'look at the tarballs in .cache/tarballs; "pnpm release:dry" packs them again',
  },
];

/** Runs the named checks, or all; prints a line for each as it ends, and the output of those that failed. */
export async function runChecks(env, names) {
  const chosen = names.length === 0 ? checks : checks.filter(({ name }) => names.includes(name));
  const failures = [];
  say('running checks');
  for (const check of chosen) {
    const started = Date.now();
    const { code, output } = await runCheck(check, env);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${code === 0 ? '✓' : '✗'} ${check.name.padEnd(12)} ${seconds} s\n`);
    if (code === 0) continue;
    failures.push(check);
    process.stdout.write(`${output.trimEnd()}\n\n`);
  }
  for (const { name, next } of failures) process.stdout.write(`✗ ${name}: ${next}\n`);
  return { passed: chosen.length - failures.length, failed: failures.length };
}

/** A check that cannot even start is a check that failed. */
async function runCheck({ command, script }, env) {
  try {
    if (script !== undefined) return await run(process.execPath, [script], { cwd: root, env, capture: true });
    const [program] = command;
    return await runPnpm(program === 'pnpm' ? command.slice(1) : ['exec', ...command], { cwd: root, env, capture: true });
  } catch (error) {
    return { code: 1, output: String(error) };
  }
}
