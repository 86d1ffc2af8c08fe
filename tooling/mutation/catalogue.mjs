import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = fileURLToPath(new URL('catalogue', import.meta.url));

/** Every mutation of the catalogue, in the order of files and lines; each knows its `area`, the name of its file. */
export async function loadCatalogue(from = folder) {
  const files = readdirSync(from).filter((name) => name.endsWith('.mjs'));
  const all = [];
  for (const name of files.toSorted()) {
    const { mutations } = await import(pathToFileURL(join(from, name)).href);
    for (const mutation of mutations) all.push({ ...mutation, area: name.replace('.mjs', '') });
  }
  return all;
}

/** What is wrong with the catalogue itself, as lines to print. */
export function catalogueProblems(mutations, suites, root) {
  const problems = [];
  const seen = new Set();
  for (const mutation of mutations) {
    const { id, title, file, find, replace, suites: named } = mutation;
    const report = (what) => problems.push(`${id ?? 'a mutation without an id'}: ${what}`);
    if (typeof id !== 'string' || !/^[a-z][a-z0-9-]*$/.test(id)) report('its id is not in kebab case');
    if (seen.has(id)) report('another mutation has the same id');
    seen.add(id);
    if (!title) report('it has no title: say what the bug was, and where it is known from');
    if (typeof file !== 'string' || !existsSync(join(root, file))) report(`its file does not exist (${file})`);
    if (!find || typeof replace !== 'string' || find === replace) report('it changes nothing: `find` and `replace` must differ');
    if (!Array.isArray(named) || named.length === 0) report('it names no suite');
    for (const name of named ?? []) if (!suites.some((suite) => suite.name === name)) report(`there is no suite called ${name}`);
    const folder = suites.find(({ name }) => name === named?.[0])?.folder ?? '';
    for (const path of mutation.first ?? []) if (!existsSync(join(root, folder, path))) report(`there is no ${folder}/${path}`);
  }
  return problems;
}

/** The mutations that were asked for, null patches last: they take the longest and say the least. */
export function select(mutations, { only = [], areas = [] }) {
  const wanted = (mutation) =>
    (only.length === 0 || only.includes(mutation.id)) && (areas.length === 0 || areas.includes(mutation.area));
  const chosen = mutations.filter(wanted);
  return [...chosen.filter((mutation) => !mutation.harmless), ...chosen.filter((mutation) => mutation.harmless)];
}
