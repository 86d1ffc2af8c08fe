import { expectEqual, expectThat } from '../expectation.ts';
import { seededRandom } from '../seeded-random.ts';
import { emptyJournalModel, matchesJournal, randomBatch, type JournalModel } from './journal-model.ts';
import type { Life, Place } from './life.ts';
import { roundOf, sampleEntries, sampleMeta, textsOf } from './samples.ts';
import type { StorageCase } from './storage-case.ts';

/** What survives a crash between any two steps. */
export const crashCases: readonly StorageCase[] = [
  { name: 'a batch happens entirely or not at all, wherever a crash comes', needs: [], play: isAtomic },
  { name: 'nothing completes after a crash, and what was acknowledged is there', needs: [], play: completesNothing },
  ...[1, 2, 3, 4, 5, 6].map((seed) => ({
    name: `after crashes at random moments a prefix is recovered, with everything acknowledged (seed ${seed})`,
    needs: [],
    play: (place: Place) => livesAtRandom(place, seed),
  })),
];

async function isAtomic(place: Place): Promise<void> {
  for (let steps = 0, held = 0; steps < 12; steps++) {
    const life = await place.restart();
    const { hardState, commit, runs } = life.recovered;
    const number = hardState?.[0] ?? 0;
    // Batch n puts entries n·10 … n·10+2 in place of everything, with its own term, mark and hard state.
    const base = number * 10;
    const expected = number === 0 ? [] : [{ from: base, to: base + 2, epoch: roundOf(number) }];
    expectEqual(runs, expected, `the entries are those of the batch with hard state ${number}`);
    expectEqual(
      [life.recovered.snapshot?.index ?? 0, commit],
      number === 0 ? [0, 0] : [base - 1, base],
      'mark and commit hint too',
    );
    expectThat(number === held || number === held + 1, `batch ${number} follows batch ${held}`);
    held = number;
    const next = number + 1;
    const first = next * 10;
    life.append({
      snapshotMark: sampleMeta(first - 1),
      truncateFrom: 1,
      entries: [sampleEntries(first, ['a', 'b'.repeat(2_000), 'c'], roundOf(next))],
      hardState: Uint8Array.of(next),
      compactBelow: first,
      commit: first,
    });
    life.journal.flush();
    for (let i = 0; i < steps; i++) await place.harness.step();
    if (life.isDurable(1)) held = next;
  }
}

async function completesNothing(place: Place): Promise<void> {
  const life = await place.start();
  await life.write({ entries: [sampleEntries(1, ['a'])] });
  life.append({ entries: [sampleEntries(2, ['b'])] });
  life.journal.flush();
  await place.harness.crash();
  const acknowledged = [...life.durable];
  const again = await place.start();
  await place.quiet();
  expectEqual(life.durable, acknowledged, 'nothing of a life completes after its crash');
  const texts = textsOf(again.recovered.tail);
  expectEqual(texts[1], 'a', 'what was acknowledged is recovered');
  if (acknowledged.includes(2)) expectEqual(texts[2], 'b', 'what was acknowledged is recovered');
}

/** Several lives, each ended at a random moment. `models`: every state that the journal may legally be in. */
async function livesAtRandom(place: Place, seed: number): Promise<void> {
  const random = seededRandom(seed);
  let models: readonly JournalModel[] = [emptyJournalModel];
  let unique = 0;
  for (let lives = 0; lives < 8; lives++) {
    const life = await place.start();
    const seen = await observe(life);
    const found = models.findIndex((model) => matchesJournal(model, seen));
    expectThat(
      found >= 0,
      () => `life ${lives} recovers a state between the acknowledged and the last one (got ${JSON.stringify(seen)})`,
    );
    const grown: JournalModel[] = models.slice(found, found + 1);
    const steps = 5 + Math.floor(random() * 30);
    for (let i = 0; i < steps; i++) {
      const { batch, next } = randomBatch(grown.at(-1) ?? emptyJournalModel, random, unique++);
      life.append(batch);
      grown.push(next);
      if (random() < 0.6) life.journal.flush();
      for (let k = Math.floor(random() * 6); k > 0; k--) await place.harness.step();
    }
    expectEqual(life.failures, [], 'a healthy place fails no write');
    if (random() < 0.2) {
      await life.close();
      models = grown.slice(-1);
      continue;
    }
    await place.harness.crash();
    models = grown.slice(life.durable.at(-1) ?? 0);
  }
}

/** What a recovered journal holds, in the words of the model. */
async function observe(life: Life): Promise<JournalModel> {
  const { recovered } = life;
  const texts: Record<number, string> = {};
  for (const { from, to } of recovered.runs) {
    const found = await life.readAll({ from, to }, 500);
    expectThat(found !== 'compacted', `entries ${from} to ${to} are in the runs, so they can be read`);
    expectEqual(Object.keys(found).length, to - from + 1, `every entry of ${from} to ${to} is there`);
    Object.assign(texts, found);
  }
  const above = Object.entries(texts).filter(([index]) => Number(index) > recovered.commit);
  expectEqual(textsOf(recovered.tail), Object.fromEntries(above), 'the tail is everything above the commit hint');
  const hardState = recovered.hardState?.[0] ?? 0;
  return { texts, hardState, commit: recovered.commit, below: 1, mark: recovered.snapshot?.index ?? 0 };
}
