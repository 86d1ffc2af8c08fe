import type { ConformanceCase } from '../conformance-case.ts';
import { differenceOf, fingerprint, show } from '../difference.ts';
import { expectEqual, expectPresent, expectThat } from '../expectation.ts';
import { seededRandom } from '../seeded-random.ts';
import type { CodecCapability, CodecSubject } from './codec-subject.ts';

/** What a `MessageCodec` promises, to friends and to strangers. Everything is deterministic: chance comes from fixed seeds. */
export function codecSuite<M>(subject: CodecSubject<M>): readonly ConformanceCase<CodecCapability>[] {
  const friends: Cases<M> = [
    ['has a sample of every kind', [], hasSamples],
    ['returns every message as it was', [], returnsMessages],
    ['returns numbers up to 2^53 − 1 as they were', [], returnsLargeNumbers],
    ['encodes equal messages to equal bytes, and leaves the message alone', [], isDeterministic],
    ['hands out bytes that no later message overwrites', [], givesBytesAway],
    ['decodes a view of a larger buffer, and leaves it alone', [], decodesViews],
    ['understands what a newer writer adds', [], understands],
  ];
  const strangers: Cases<M> = [
    ['refuses what it was told to refuse', [], refuses],
    ['never throws on a head that is cut off anywhere', [], bearsPrefixes],
    ['refuses a head that is cut off anywhere', ['truncation'], refusesPrefixes],
    ['never throws on a head with any byte changed, and what it accepts is sound', [], bearsChanges],
    ['never throws on random bytes, and what it accepts is sound', [], bearsRandomBytes],
    ['never throws on heads with bytes inserted, removed or repeated, and what it accepts is sound', [], bearsSurgery],
  ];
  return [...friends, ...strangers].map(([name, needs, check]) => ({
    name,
    needs,
    // A promise, as every case is: a throw becomes a rejection.
    run: async () => check(subject),
  }));
}

type Cases<M> = readonly (readonly [
  name: string,
  needs: readonly CodecCapability[],
  check: (subject: CodecSubject<M>) => void,
])[];

function hasSamples<M>({ samples, kinds, kindOf }: CodecSubject<M>): void {
  const have = new Set(samples.map((sample) => kindOf(sample)));
  for (const kind of kinds)
    expectThat(have.has(kind), `there is a sample of kind ${kind}: without one the suite proves nothing of it`);
  for (const kind of have) expectThat(kinds.includes(kind), `kind ${kind} is one of the kinds`);
}

/** Encodes into a buffer of its own, so that a codec that hands out a shared one is not tested against itself. */
function encoded<M>({ codec }: CodecSubject<M>, message: M): Uint8Array {
  return Uint8Array.from(codec.encode(message));
}

function returnsMessages<M>(subject: CodecSubject<M>): void {
  for (const sample of subject.samples) {
    const back = subject.codec.decode(encoded(subject, sample));
    expectThat(back !== undefined, () => `a message of its own is accepted (${show(sample)})`);
    expectEqual(back, sample, `a message comes back as it was (${show(sample)})`);
  }
}

function returnsLargeNumbers<M>(subject: CodecSubject<M>): void {
  const large = subject.samples.filter((sample) => numbersIn(sample).includes(Number.MAX_SAFE_INTEGER));
  expectThat(large.length > 0, 'there is a sample with 2^53 − 1: without one the suite proves nothing of large numbers');
  for (const sample of large) expectEqual(subject.codec.decode(encoded(subject, sample)), sample, 'large numbers come back');
}

function isDeterministic<M>(subject: CodecSubject<M>): void {
  for (const sample of subject.samples) {
    const before = fingerprint(sample);
    const first = encoded(subject, sample);
    expectEqual(encoded(subject, sample), first, `the same message has the same bytes (${show(sample)})`);
    expectThat(fingerprint(sample) === before, 'encode leaves the message alone');
    const copy = expectPresent(subject.codec.decode(first), 'a message of its own is accepted');
    expectEqual(encoded(subject, copy), first, `an equal message has the same bytes (${show(sample)})`);
  }
}

function givesBytesAway<M>(subject: CodecSubject<M>): void {
  const heads = subject.samples.map((sample) => subject.codec.encode(sample));
  const before = subject.samples.map((sample) => encoded(subject, sample));
  for (const sample of subject.samples.toReversed()) subject.codec.encode(sample);
  expectEqual(
    heads.map((head) => Uint8Array.from(head)),
    before,
    'the bytes of a message are its caller’s',
  );
}

function decodesViews<M>(subject: CodecSubject<M>): void {
  for (const sample of subject.samples) {
    const head = encoded(subject, sample);
    for (const offset of [1, 5, 64]) {
      const buffer = new Uint8Array(head.length + 2 * offset).fill(0xaa);
      buffer.set(head, offset);
      const before = Uint8Array.from(buffer);
      expectEqual(
        subject.codec.decode(buffer.subarray(offset, offset + head.length)),
        sample,
        'a view is decoded to its own end',
      );
      expectEqual(buffer, before, 'decode leaves its input alone');
    }
  }
}

function understands<M>({ codec, understood }: CodecSubject<M>): void {
  for (const { what, head, message } of understood) expectEqual(codec.decode(head), message, `${what} is understood`);
}

function refuses<M>({ codec, refused }: CodecSubject<M>): void {
  expectThat(refused.length > 0, 'there is something to refuse: without it the suite proves nothing of refusals');
  for (const { what, head } of refused) expectThat(decodeOf(codec, head) === undefined, `${what} is refused`);
}

function bearsPrefixes<M>(subject: CodecSubject<M>): void {
  for (const prefix of prefixesOf(subject)) expectSound(subject, prefix);
}

function refusesPrefixes<M>(subject: CodecSubject<M>): void {
  for (const prefix of prefixesOf(subject))
    expectThat(decodeOf(subject.codec, prefix) === undefined, () => `a head that is cut off is refused (${show(prefix)})`);
}

function prefixesOf<M>(subject: CodecSubject<M>): Uint8Array[] {
  const heads = subject.samples.map((sample) => encoded(subject, sample));
  return heads.flatMap((head) => Array.from({ length: head.length }, (_, length) => head.slice(0, length)));
}

function bearsChanges<M>(subject: CodecSubject<M>): void {
  for (const sample of subject.samples) {
    const head = encoded(subject, sample);
    for (let place = 0; place < head.length; place++) {
      const original = head[place] ?? 0;
      // Every single bit, and the values that end, extend or empty a field.
      for (const value of [...bits.map((bit) => original ^ bit), 0x00, 0x7f, 0x80, 0xff]) {
        head[place] = value;
        expectSound(subject, head);
      }
      head[place] = original;
    }
  }
}

const bits = [1, 2, 4, 8, 16, 32, 64, 128] as const;

function bearsRandomBytes<M>(subject: CodecSubject<M>): void {
  const random = seededRandom(1);
  for (let i = 0; i < 6_000; i++) {
    const head = Uint8Array.from({ length: Math.floor(random() * 80) }, () => random() * 256);
    // Half of them begin like a head, so that they come further than the first check.
    const sample = subject.samples[i % subject.samples.length];
    if (i % 2 === 0 && sample !== undefined) head.set(encoded(subject, sample).subarray(0, Math.min(4, head.length)));
    expectSound(subject, head);
  }
}

function bearsSurgery<M>(subject: CodecSubject<M>): void {
  const random = seededRandom(2);
  const pick = (count: number): number => Math.floor(random() * count);
  const heads = subject.samples.map((sample) => encoded(subject, sample));
  for (let i = 0; i < 6_000; i++) {
    const head = heads[pick(heads.length)] ?? new Uint8Array(0);
    const other = heads[pick(heads.length)] ?? new Uint8Array(0);
    const from = pick(head.length + 1);
    const to = from + pick(head.length - from + 1);
    const middle = [
      [],
      [...head.subarray(from, to), ...head.subarray(from, to)],
      [...other.subarray(0, pick(other.length + 1))],
      Array.from({ length: pick(12) }, () => pick(256)),
    ][pick(4)];
    expectSound(subject, Uint8Array.from([...head.subarray(0, from), ...(middle ?? []), ...head.subarray(to)]));
  }
}

/** Whatever it makes of the bytes, it does not throw; and a message that it accepts is one that it could have sent. */
function expectSound<M>(subject: CodecSubject<M>, head: Uint8Array): void {
  const message = decodeOf(subject.codec, head);
  if (message === undefined) return;
  for (const number of numbersIn(message))
    expectThat(Number.isSafeInteger(number), () => `numbers of a message are safe integers (got ${number} from ${show(head)})`);
  expectThat(
    subject.kinds.includes(subject.kindOf(message)),
    () => `an accepted message is of a known kind (from ${show(head)})`,
  );
  const again = decodeOf(subject.codec, encoded(subject, message));
  const difference = differenceOf(again, message);
  expectThat(difference === undefined, () => `what is accepted can be passed on (from ${show(head)}): ${difference}`);
}

function decodeOf<M>(codec: CodecSubject<M>['codec'], head: Uint8Array): M | undefined {
  let thrown: unknown;
  try {
    return codec.decode(head);
  } catch (error) {
    thrown = error;
  }
  expectThat(false, `decode never throws on remote input (it threw ${String(thrown)} on ${show(head)})`);
  return undefined;
}

/** Every number in a message, however deep; the bytes of byte fields are none. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap((part) => numbersIn(part));
}
