import { failure, isFailure } from '@quorate/interface';
import type { Failure } from '@quorate/interface';
import { encodeSegmentHeader, headerBytes } from './batch-format.ts';
import { inOrder, loop } from './loop.ts';
import { segmentName, unfinishedNames } from './segment.ts';
import type { JournalContext, Segment } from './segment.ts';
import { writeAll } from './whole-file.ts';
import type { Done } from './whole-file.ts';
import { fillZeros, sliceBytes, zeros } from './zero-fill.ts';

/** Has the next segment ready before it is needed: out of one that is no longer needed, else freshly filled with zeros. */
export interface SegmentSupply {
  /** The next segment, if it is ready. */
  take(): Segment | undefined;
  /** Completes once `take` has something to give. Nothing else waits for the disk meanwhile, so it is made at full speed. */
  wait(done: Done): void;
  /** Prepares the next segment in small slices, if that was not begun yet. */
  prepare(): void;
  /** Takes segments that are no longer needed: keeps one, removes the others. */
  recycle(segments: readonly Segment[]): void;
  /** Lets go of everything; completes when nothing is under way any more. */
  close(done: () => void): void;
}

/** Between two slices the disk is left to the journal. */
const pauseMs = 5;

const abandoned = failure('E_STOPPED', 'the journal was closed while a segment was being made. Start again.', 70);

/** `nextGeneration`: of the first segment to be made. `prepared`: what an earlier life had ready. */
export function createSegmentSupply(
  context: JournalContext,
  given: { readonly nextGeneration: number; readonly prepared: readonly Segment[] },
): SegmentSupply {
  return new Supply(context, given);
}

class Supply implements SegmentSupply {
  readonly #context: JournalContext;
  readonly #ready: Segment[];
  #nextGeneration: number;
  #donor: Segment | undefined;
  #busy = false;
  #hurry = false;
  /** The last attempt failed. The next one is made when the segment is needed, and its failure is then the journal's. */
  #failedAhead = false;
  #closed: (() => void) | undefined;
  #waiter: Done | undefined;

  constructor(context: JournalContext, given: { readonly nextGeneration: number; readonly prepared: readonly Segment[] }) {
    this.#context = context;
    this.#ready = [...given.prepared];
    this.#nextGeneration = given.nextGeneration;
  }

  take(): Segment | undefined {
    return this.#ready.shift();
  }

  wait(done: Done): void {
    if (this.#ready.length > 0) return done();
    this.#waiter = done;
    this.#hurry = true;
    this.prepare();
  }

  prepare(): void {
    if (this.#busy || this.#closed !== undefined || this.#ready.length > 0) return;
    if (this.#failedAhead && !this.#hurry) return;
    this.#busy = true;
    const generation = this.#nextGeneration++;
    const donor = this.#donor;
    this.#donor = undefined;
    const finish = (segment: Segment | Failure): void => this.#finish(segment);
    if (donor === undefined) this.#fill(generation, finish);
    else this.#rename(donor, generation, finish);
  }

  recycle(segments: readonly Segment[]): void {
    for (const segment of segments) {
      const fits = segment.bytes === this.#context.segmentBytes && segment.used <= segment.bytes;
      if (fits && this.#donor === undefined && this.#ready.length === 0 && !this.#busy) {
        this.#donor = segment;
        this.prepare();
      } else if (fits && this.#donor === undefined) this.#donor = segment;
      else this.#remove(segment);
    }
  }

  close(done: () => void): void {
    this.#closed = done;
    for (const segment of this.#ready) this.#context.disk.close(segment.file);
    if (this.#donor !== undefined) this.#context.disk.close(this.#donor.file);
    if (!this.#busy) done();
  }

  #finish(segment: Segment | Failure): void {
    this.#busy = false;
    const waiter = this.#waiter;
    if (this.#closed !== undefined) {
      if (!isFailure(segment)) this.#context.disk.close(segment.file);
      return this.#closed();
    }
    this.#failedAhead = isFailure(segment);
    if (isFailure(segment)) this.#nextGeneration--;
    else this.#ready.push(segment);
    if (waiter === undefined) {
      if (isFailure(segment)) this.#context.report(`the next segment of the journal could not be prepared: ${segment.text}`);
      return;
    }
    this.#waiter = undefined;
    this.#hurry = false;
    waiter(isFailure(segment) ? segment : undefined);
  }

  /** A new file: zeros once, so that later writes change no metadata, then its header, then its name. */
  #fill(generation: number, done: (segment: Segment | Failure) => void): void {
    const { disk, directory, segmentBytes } = this.#context;
    const temporary = `${directory}/${unfinishedNames.fill}`;
    disk.remove(temporary, () => {
      disk.open(temporary, 'create', (file) => {
        if (isFailure(file)) return done(file);
        const steps = [(next: Done): void => this.#zero(file, next)];
        this.#install({ file, temporary, generation, steps, bytes: segmentBytes }, done);
      });
    });
  }

  /** Leaves the old batches where they are: their generation tells them from new ones. */
  #rename(donor: Segment, generation: number, done: (segment: Segment | Failure) => void): void {
    const { disk, directory } = this.#context;
    const temporary = `${directory}/${unfinishedNames.fill}`;
    const steps = [
      (next: Done): void => disk.rename(donor.path, temporary, next),
      // Its new header must never be found under its old name.
      (next: Done): void => disk.syncDirectory(directory, next),
    ];
    this.#install({ file: donor.file, temporary, generation, steps, bytes: donor.bytes }, done);
  }

  #install(
    made: { file: number; temporary: string; generation: number; steps: readonly ((next: Done) => void)[]; bytes: number },
    done: (segment: Segment | Failure) => void,
  ): void {
    const { disk, directory, owner } = this.#context;
    const { file, temporary, generation, steps, bytes } = made;
    const path = `${directory}/${segmentName(generation)}`;
    const head = encodeSegmentHeader({ ...owner, generation, segmentBytes: bytes }, disk.crc32);
    inOrder(
      [
        ...steps,
        (next) => writeAll(disk, { file, offset: 0, chunks: [head] }, next),
        (next) => disk.sync(file, next),
        (next) => disk.rename(temporary, path, next),
        (next) => disk.syncDirectory(directory, next),
      ],
      (failed) => {
        if (failed === undefined) return done({ generation, file, path, bytes, used: headerBytes, readers: 0 });
        disk.close(file);
        // On a full disk the half of a segment must not eat the last bytes.
        disk.remove(temporary, () => done(failed));
      },
    );
  }

  /** In slices, each synced and followed by a pause, unless somebody waits: then as fast as the disk allows. */
  #zero(file: number, done: Done): void {
    const { disk, host, segmentBytes } = this.#context;
    let from = 0;
    loop((again) => {
      if (this.#closed !== undefined) return done(abandoned);
      if (from >= segmentBytes) return done();
      if (this.#hurry) return fillZeros(this.#context, { file, from, to: segmentBytes }, done);
      const bytes = Math.min(sliceBytes, segmentBytes - from);
      writeAll(disk, { file, offset: from, chunks: zeros(bytes) }, (failed) => {
        if (failed !== undefined) return done(failed);
        from += bytes;
        disk.sync(file, (unsynced) => {
          if (unsynced !== undefined) done(unsynced);
          else host.at(host.monotonicMs() + pauseMs, again);
        });
      });
    });
  }

  #remove(segment: Segment): void {
    const { disk } = this.#context;
    disk.close(segment.file);
    disk.remove(segment.path, () => undefined);
  }
}
