import type { News } from './news.ts';
import type { RunFact, RunTold } from './run.ts';

/** What `<html data-done>` says once nothing more will happen. */
type Done = RunTold['verdict'] | 'failed';

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
worker.addEventListener('message', ({ data }: MessageEvent<News>) => {
  if ('chosen' in data) fillForm(data);
  else if ('progressMs' in data) say(`Simulating: ${(data.progressMs / 1000).toFixed(1)} virtual seconds so far`);
  else if ('told' in data) show(data.told);
  else fail(data.refused);
});
worker.addEventListener('error', ({ message }) => fail(message || 'the worker could not be loaded'));
worker.postMessage(location.search);

function fillForm({ chosen, protocols }: Extract<News, { chosen: unknown }>): void {
  const options = protocols.map((name) => new Option(name, name, false, name === chosen.protocol));
  element('protocol').replaceChildren(...options);
  element('seed').setAttribute('value', `${chosen.seed}`);
  element('seconds').setAttribute('value', `${chosen.seconds}`);
}

function show({ verdict, violations, facts, faults }: RunTold): void {
  element('facts').replaceChildren(...facts.map(row));
  element('faults').replaceChildren(...faults.map(row));
  element('violations').replaceChildren(...violations.map((text) => textOf('li', text)));
  element('result').hidden = false;
  say(verdict === 'ok' ? 'Every claim held' : 'A claim was broken');
  finish(verdict);
}

function fail(message: string): void {
  say(`The run failed: ${message}`);
  finish('failed');
}

function finish(done: Done): void {
  element('verdict').textContent = done;
  document.documentElement.dataset['done'] = done;
}

function say(text: string): void {
  element('status').textContent = text;
}

function row({ name, value }: RunFact): HTMLElement {
  const line = document.createElement('div');
  line.append(textOf('dt', name), textOf('dd', value));
  return line;
}

function textOf(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function element(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`#${id}`);
  if (found === null) throw new TypeError(`index.html has no #${id}`);
  return found;
}
