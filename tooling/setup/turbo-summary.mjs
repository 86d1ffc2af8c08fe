import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const summaries = ['.turbo', 'runs'];

/** Removes the summaries of earlier runs. */
export function removeTurboSummaries(root) {
  rmSync(join(root, ...summaries), { recursive: true, force: true });
}

/** The folders of all tasks that failed, in the runs since the summaries were last removed. */
export function failedFolders(root) {
  const folder = join(root, ...summaries);
  if (!existsSync(folder)) return [];
  const failed = new Set();
  for (const name of readdirSync(folder)) {
    const summary = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    for (const directory of failedIn(summary)) failed.add(directory);
  }
  return [...failed];
}

/** A task without a result of zero failed; one that never had a command has no result and is no failure. */
export function failedIn(summary) {
  const failed = summary.tasks.filter(
    (task) => task.execution !== undefined && task.execution !== null && task.execution.exitCode !== 0,
  );
  return failed.map((task) => task.directory);
}
