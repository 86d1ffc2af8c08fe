import { describe, expect, test } from 'vitest';
import { hunt } from '../src/plants/hunt.ts';
import { plantFor, plantsUnder } from '../src/plants/planted-bugs.ts';
import { protocolNamed, protocolNames } from '../src/protocols.ts';
import { planOf, runSeed } from '../src/run-seed.ts';
import { serviceNamed, serviceNames } from '../src/services.ts';
import type { ServiceUnderTest } from '../src/services.ts';

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
  'shared-tokens': /^I-(19|20)$/u,
  'hasty-clock': /^I-19$/u,
  'endless-delay': /^I-20$/u,
  'two-holders': /^I-19$/u,
  'readers-beside-writer': /^I-19$/u,
  'surplus-permit': /^I-19$/u,
  'left-at-once': /^I-19$/u,
  'retry-runs-twice': /^I-19$/u,
  'candidate-passed-over': /^I-19$/u,
};

function service(name: string): { readonly service: ServiceUnderTest } {
  const found = serviceNamed(name);
  if (found === undefined) throw new Error(`${name} is a service`);
  return { service: found };
}

describe.each(protocols)('a planted bug under $name', (protocol) => {
  const plantedBugs = serviceNames.flatMap((workload) => plantsUnder(protocol.name, workload));
  test.each(plantedBugs)('is found: $name', (plant) => {
    const report = hunt(protocol, plant);
    expect(report.found?.invariant).toMatch(witnesses[plant.name] ?? /^$/u);
  });

  test.each(plantedBugs)(
    'is what was found: without $name the same plans are clean',
    ({ workload = 'kv', seeds, seconds, change }) => {
      const [seed = 0] = seeds;
      expect(runSeed({ protocol, ...service(workload), plan: change(planOf(protocol, seed, seconds)) }).violations).toEqual([]);
    },
  );

  test.each(serviceNames)('is each one’s turn in runs of %s', (workload) => {
    const plants = plantsUnder(protocol.name, workload);
    expect(new Set(plants.map((_, place) => plantFor(protocol.name, workload, place).name)).size).toBe(plants.length);
    expect(plantFor(protocol.name, workload, Number.MAX_SAFE_INTEGER)).toBeDefined();
  });
});
