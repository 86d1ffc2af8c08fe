import { decodeText, encodeText } from '@quorate/interface';
import type { ApplySink, SnapshotReader, SnapshotSink, Tenure } from '@quorate/interface';
import { expect, test } from 'vitest';
import { stateMachineSuite } from '../src/state-machine/index.ts';
import { failingNames } from './fixtures/failing-names.ts';
import { readerOf, Shelf, shelfSubject, sinkOf } from './fixtures/shelf.ts';

let made = 0;
let clock = 0;

class Nameless extends Shelf {
  override readonly name = `shelf ${made++}`;
}
class Timed extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    super.apply(command, stamp, out);
    this.books = new Map([...this.books, ['clock', String(++clock)]]);
  }
}
class Chatty extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    super.apply(command, stamp, out);
    if (out.awaited) out.reply(encodeText('and once more'));
  }
}
class Late extends Shelf {
  private waiting: (() => void)[] = [];
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    for (const reply of this.waiting.splice(0)) reply();
    super.apply(command, stamp, {
      awaited: out.awaited,
      reply: (result) => void this.waiting.push(() => out.reply(result)),
      emit: (event) => out.emit(event),
    });
  }
}
class Vain extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    super.apply(command, stamp, out);
    if (out.awaited) this.refused++;
  }
}
class Hushed extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    super.apply(command, stamp, {
      awaited: out.awaited,
      reply: (result) => out.reply(result),
      emit: (event) => void (out.awaited && out.emit(event)),
    });
  }
}
class Mute extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    super.apply(command, stamp, { awaited: out.awaited, reply: (result) => out.reply(result), emit: () => undefined });
  }
}
class Whimsical extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    super.apply(command, stamp, {
      awaited: out.awaited,
      reply: (result) => out.reply(result),
      emit: (event) => out.emit({ ...event, mood: clock++ }),
    });
  }
}
class Fragile extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    if ((decodeText(command) ?? '').includes('drop')) throw new Error('I do not drop things');
    super.apply(command, stamp, out);
  }
}
class Greedy extends Shelf {
  private readonly kept: Uint8Array[] = [];
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    this.kept.push(command);
    super.apply(command, stamp, out);
  }
  override query(): Uint8Array {
    return Uint8Array.from(this.kept.flatMap((bytes) => [...bytes.subarray(0, 8)]));
  }
}
class Secretive extends Shelf {
  override query(): Uint8Array {
    return encodeText('no comment');
  }
}
class Scribbler extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    super.apply(command, stamp, out);
    command.fill(0);
  }
}
class Curious extends Shelf {
  override query(request: Uint8Array): Uint8Array {
    this.refused++;
    return super.query(request);
  }
}
class Possessive extends Shelf {
  private readonly answer: Uint8Array = encodeText('always the same');
  override query(): Uint8Array {
    return this.answer;
  }
}
class Unsettled extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    const text = decodeText(command) ?? '';
    if (!text.startsWith('put') && !text.startsWith('drop')) this.refused += clock++;
    super.apply(command, stamp, out);
  }
}
class HalfHearted extends Shelf {
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    super.apply(command, stamp, out);
    if (!(decodeText(command) ?? '').includes(' ')) {
      out.emit({ almost: true });
      throw new Error('but no');
    }
  }
}
class Impure extends Shelf {
  override prepare(command: Uint8Array): Uint8Array {
    this.refused++;
    return super.prepare(command);
  }
}
class Inventive extends Shelf {
  override prepare(command: Uint8Array): Uint8Array {
    return Uint8Array.from([...command, clock++ & 255]);
  }
}
class Dutiful extends Shelf {
  private tenure: Tenure | undefined;
  duties(tenure: Tenure | undefined): void {
    this.tenure ??= tenure;
  }
  override apply(command: Uint8Array, stamp: unknown, out: ApplySink): void {
    super.apply(command, stamp, out);
    this.tenure?.propose(encodeText('drop p1'));
  }
}

/** A shelf whose snapshots or restores are changed. */
const kept = (change: {
  readonly snapshot?: (shelf: Shelf) => SnapshotReader;
  readonly restore?: (shelf: Shelf) => SnapshotSink;
}): (() => Shelf) => {
  class Changed extends Shelf {
    override snapshot(): SnapshotReader {
      return change.snapshot?.(this) ?? super.snapshot();
    }
    override restore(): SnapshotSink {
      return change.restore?.(this) ?? super.restore();
    }
  }
  return () => new Changed();
};

/** Each chunk is of the moment when it is read. */
function fuzzy(shelf: Shelf): SnapshotReader {
  let read = 0;
  return {
    next(maxBytes) {
      const reader = readerOf(shelf.image());
      if (read > 0) reader.next(read);
      const chunk = reader.next(maxBytes);
      read += chunk?.length ?? 0;
      return chunk;
    },
    close: () => undefined,
  };
}

/** One reader at a time: a second one takes the place of the first. */
function single(): (shelf: Shelf) => SnapshotReader {
  let current: SnapshotReader | undefined;
  return (shelf) => {
    current = readerOf(shelf.image());
    return { next: (maxBytes) => current?.next(maxBytes), close: () => undefined };
  };
}

/** Closing it twice is one time too many. */
function closesOnce(shelf: Shelf): SnapshotReader {
  let closed = 0;
  return {
    ...readerOf(shelf.image()),
    close() {
      if (++closed > 1) shelf.refused++;
    },
  };
}

/** Takes effect at the first chunk. */
function hasty(shelf: Shelf): SnapshotSink {
  const sink = sinkOf((state) => shelf.load(state));
  return {
    write(chunk) {
      shelf.books = new Map();
      sink.write(chunk);
    },
    finish: () => sink.finish(),
  };
}

/** Keeps the chunks of its caller. */
function hoarding(shelf: Shelf): SnapshotSink {
  const chunks: Uint8Array[] = [];
  const sink = sinkOf((state) => shelf.load(state));
  return {
    write: (chunk) => void chunks.push(chunk),
    finish() {
      for (const chunk of chunks) sink.write(chunk);
      sink.finish();
    },
  };
}

/** Believes whatever it is given. */
function trusting(shelf: Shelf): SnapshotSink {
  const bytes: number[] = [];
  return {
    write: (chunk) => void bytes.push(...chunk),
    finish() {
      const text = decodeText(Uint8Array.from(bytes.slice(10))) ?? '';
      const end = text.lastIndexOf(']}');
      if (end > 0) shelf.load(JSON.parse(text.slice(0, end + 2)) as never);
    },
  };
}

const oneMoment = 'reads a snapshot of one moment while writes go on';
const sameAfterRestore = 'is the same after a restore, at any point, and goes on alike';
const chunked = 'has one sequence of snapshot bytes, whatever the size of the chunks';
const deterministic = 'gives equal replies, events and states for equal commands';

const brokenShelves: readonly (readonly [what: string, create: () => Shelf, red: readonly string[]])[] = [
  ['shows nothing of what it does', () => new Secretive(), ['is given commands and queries that show something']],
  ['changes its name', () => new Nameless(), ['has a name and a version that stay']],
  ['looks at a clock', () => new Timed(), [deterministic, sameAfterRestore]],
  ['answers twice', () => new Chatty(), [deterministic, 'stops no member by a command of its own']],
  ['answers too late', () => new Late(), ['stops no member by a command of its own']],
  ['counts who awaits its replies', () => new Vain(), ['comes to the same state and events where nobody awaits a reply']],
  ['emits only where somebody waits', () => new Hushed(), ['comes to the same state and events where nobody awaits a reply']],
  ['emits nothing', () => new Mute(), ['emits the same events on every member']],
  ['emits what it feels', () => new Whimsical(), ['emits the same events on every member', deterministic]],
  ['throws on a command of its own', () => new Fragile(), ['stops no member by a command of its own']],
  ['keeps the bytes of commands', () => new Greedy(), ['keeps nothing of the bytes of a command, which are shared']],
  ['writes into the bytes of commands', () => new Scribbler(), [deterministic]],
  ['changes by being asked', () => new Curious(), ['changes nothing by a query']],
  ['shares one answer with everybody', () => new Possessive(), ['changes nothing by a query']],
  [
    'takes bad commands by chance',
    () => new Unsettled(),
    ['treats bytes that are no command alike on every member', 'treats damaged commands alike on every member'],
  ],
  ['does half of a command and throws', () => new HalfHearted(), ['treats bytes that are no command alike on every member']],
  ['changes by preparing', () => new Impure(), ['prepares a command without changing it or the state, and always alike']],
  [
    'prepares a command each time in another way',
    () => new Inventive(),
    ['prepares a command without changing it or the state, and always alike'],
  ],
  ['keeps its duties for ever', () => new Dutiful(), ['keeps no duties that it was told to stop']],
  ['reads a snapshot of many moments', kept({ snapshot: fuzzy }), [oneMoment]],
  ['has one snapshot for everybody', kept({ snapshot: single() }), ['reads two snapshots of different moments at once']],
  ['counts how often it is closed', kept({ snapshot: closesOnce }), ['lets a snapshot be given up, and closed twice']],
  [
    'hands out chunks that are too large',
    kept({
      snapshot: (shelf) => ({
        ...readerOf(shelf.image()),
        next: (
          (reader) => () =>
            reader.next(1 << 20)
        )(readerOf(shelf.image())),
      }),
    }),
    [chunked],
  ],
  ['hands out empty chunks', kept({ snapshot: () => ({ next: () => new Uint8Array(0), close: () => undefined }) }), [chunked]],
  [
    'depends on the order in which it was filled',
    kept({ snapshot: (shelf) => readerOf(JSON.stringify({ refused: shelf.refused, books: [...shelf.books].toReversed() })) }),
    [sameAfterRestore],
  ],
  [
    'leaves something out',
    kept({ snapshot: (shelf) => readerOf(JSON.stringify({ refused: 0, books: [...shelf.books].slice(0, 5) })) }),
    [sameAfterRestore],
  ],
  [
    'adds a snapshot to what it has',
    kept({ restore: (shelf) => sinkOf((state) => shelf.load({ ...state, books: [...shelf.books, ...state.books] })) }),
    ['replaces everything by a restore, however full it was'],
  ],
  [
    'restores too early',
    kept({ restore: hasty }),
    ['changes nothing before a restore is finished', 'refuses a snapshot that is cut off or goes on, and stays as it was'],
  ],
  ['keeps the chunks of a restore', kept({ restore: hoarding }), ['restores from chunks of any size', sameAfterRestore]],
  [
    'believes every snapshot',
    kept({ restore: trusting }),
    ['refuses a snapshot that is cut off or goes on, and stays as it was'],
  ],
];

test('a state machine that keeps its promises fails no case', async () => {
  expect(await failingNames(stateMachineSuite(shelfSubject()))).toEqual([]);
});

test.each(brokenShelves)('a state machine that %s is found out', async (_what, create, red) => {
  const failed = await failingNames(stateMachineSuite(shelfSubject(create)));
  expect(failed).toEqual(expect.arrayContaining([...red]));
});

test('every case is red for one of them', () => {
  const everRed = new Set(brokenShelves.flatMap(([, , red]) => red));
  const names = stateMachineSuite(shelfSubject()).map(({ name }) => name);
  expect(names.filter((name) => !everRed.has(name))).toEqual([]);
});
