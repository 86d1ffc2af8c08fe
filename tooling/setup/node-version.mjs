import process from 'node:process';
import { Problem } from './problem.mjs';

/** Whether a version such as `20.20.2` is at least the floor of a range such as `>=20.19`. */
export function reaches(version, range) {
  const floor = numbers(range);
  const have = numbers(version);
  for (let place = 0; place < floor.length; place++) {
    const difference = (have[place] ?? 0) - floor[place];
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Refuses a version of Node that the tools do not start on. */
export function checkNode(range, version = process.versions.node) {
  if (reaches(version, range)) return;
  throw new Problem(
    `This is Node ${version}; Quorate needs ${range}.`,
    'install Node 20.19 or newer (https://nodejs.org) and run the command again.',
  );
}

function numbers(text) {
  return text
    .replace(/^[^0-9]+/, '')
    .split('.')
    .map(Number);
}
