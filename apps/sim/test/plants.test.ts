import { describe, expect, test } from 'vitest';
import { hunt } from '../src/plants/hunt.ts';
import { plantFor, plantsUnder } from '../src/plants/planted-bugs.ts';
import { protocolNamed, protocolNames } from '../src/protocols.ts';
import { planOf, runSeed } from '../src/run-seed.ts';

const protocols = protocolNames.map((name) => {
  const protocol = protocolNamed(name);
  if (protocol === undefined) throw new Error(`${name} is a protocol`);
  return protocol;
});

/** What gives each bug away; several where it depends on who is first to see it. */
const witnesses: Readonly<Record<string, RegExp>> = {
  'durable-early': /^I-05$/u,
  'send-gates': /^I-05$/u,
  'commit-gate': /^I-05$/u,
  'lost-frame': /^link$/u,
  'swapped-frames': /^link$/u,
  'forgotten-command': /^I-12$/u,
  'hasty-read': /^I-(10|18)$/u,
  'kept-tail': /^I-(03|06|21)$/u,
  'double-vote': /^I-(06|09|21)$/u,
};

describe.each(protocols)('a planted bug under $name', (protocol) => {
  const plantedBugs = plantsUnder(protocol.name);
  test.each(plantedBugs)('is found: $name', (plant) => {
    const report = hunt(protocol, plant);
    expect(report.found?.invariant).toMatch(witnesses[plant.name] ?? /^$/u);
  });

  test.each(plantedBugs)('is what was found: without $name the same plans are clean', ({ seeds, seconds, change }) => {
    const [seed = 0] = seeds;
    expect(runSeed({ protocol, plan: change(planOf(protocol, seed, seconds)) }).violations).toEqual([]);
  });

  test('is each one’s turn', () => {
    expect(new Set(plantedBugs.map((_, place) => plantFor(protocol.name, place).name)).size).toBe(plantedBugs.length);
    expect(plantFor(protocol.name, Number.MAX_SAFE_INTEGER)).toBeDefined();
  });
});
