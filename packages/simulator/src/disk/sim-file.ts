import { DamageList } from './damage-list.ts';

/** A write that no sync has made durable. */
export interface PendingWrite {
  readonly order: number;
  readonly from: number;
  readonly to: number;
  /** The file is at least this long if the write survives; 0 where it says nothing about that. */
  readonly reaches: number;
  /** Its sectors as this write left them; undefined as long as the cache still shows them so. */
  sectors: Uint8Array | undefined;
}

/** What a sync that begins now will make durable. */
export interface SyncPoint {
  readonly order: number;
  readonly size: number;
}

const pageBytes = 4096;

/** One file: what is on the platters, what the page cache shows, and the writes between. Bytes behind the size are zeros in both. */
export class SimFile {
  /** The newest name: for events and rules. */
  path: string;
  readonly sectorBytes: number;
  cache: Uint8Array = new Uint8Array(0);
  size = 0;
  durable: Uint8Array = new Uint8Array(0);
  durableSize = 0;
  /** In the order of writing. */
  pending: PendingWrite[] = [];
  /** What the newest sync that wrote anything wrote. */
  newest: { readonly from: number; readonly to: number } | undefined;
  damage: DamageList = new DamageList();
  private order = 0;

  constructor(path: string, sectorBytes: number) {
    this.path = path;
    this.sectorBytes = sectorBytes;
  }

  /** Puts the first `count` bytes of `chunks` into the cache. */
  write(offset: number, chunks: readonly Uint8Array[], count: number): void {
    if (count === 0) return;
    const to = offset + count;
    this.cache = withRoom(this.cache, to);
    this.keepVersions(offset, to);
    let place = offset;
    for (const chunk of chunks) {
      if (place + chunk.length >= to) {
        this.cache.set(place + chunk.length === to ? chunk : chunk.subarray(0, to - place), place);
        break;
      }
      this.cache.set(chunk, place);
      place += chunk.length;
    }
    if (to > this.size) this.size = to;
    this.pending.push({ order: ++this.order, from: offset, to, reaches: to, sectors: undefined });
  }

  truncate(bytes: number): void {
    const before = this.size;
    this.size = bytes;
    this.cache = withRoom(this.cache, bytes);
    if (bytes >= before) return;
    this.keepVersions(bytes, before);
    this.cache.fill(0, bytes, before);
    this.pending.push({ order: ++this.order, from: bytes, to: before, reaches: 0, sectors: undefined });
  }

  read(offset: number, bytes: number): Uint8Array {
    return this.cache.slice(Math.min(offset, this.size), Math.min(offset + bytes, this.size));
  }

  syncPoint(): SyncPoint {
    return { order: this.order, size: this.size };
  }

  /** Makes durable what was written before `point`. */
  flush(point: SyncPoint): void {
    const { pending } = this;
    let count = 0;
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    for (const write of pending) {
      if (write.order > point.order) break;
      count += 1;
      this.putDurable(this.firstOf(write), this.sectorsOf(write));
      from = Math.min(from, write.from);
      to = Math.max(to, write.to);
    }
    if (count > 0) this.newest = { from, to };
    this.pending = count === pending.length ? [] : pending.slice(count);
    this.setDurableSize(point.size);
  }

  /** As `flush`, but the disk did nothing. It still owes the bytes: the shadow knows them. */
  loseFlush(point: SyncPoint): void {
    for (const write of this.takeUntil(point)) this.owe(write);
    this.setDurableSize(point.size);
  }

  /** As `loseFlush`, and the bytes of the newest write went to `offset`, a multiple of the sector size. */
  misdirect(point: SyncPoint, offset: number): void {
    const writes = this.takeUntil(point);
    for (const write of writes) this.owe(write);
    this.setDurableSize(point.size);
    const last = writes.at(-1);
    if (last === undefined) return;
    this.damageAt(offset, this.sectorsOf(last).subarray(0, Math.max(0, point.size - offset)));
  }

  /** Changes bytes on the disk and remembers what should be there. The cache does not know. */
  damageAt(offset: number, bytes: Uint8Array): void {
    this.durable = withRoom(this.durable, offset + bytes.length);
    this.damage.add(offset, this.durable.subarray(offset, offset + bytes.length));
    this.durable.set(bytes, offset);
  }

  /** The sectors of a write, as it left them. */
  sectorsOf(write: PendingWrite): Uint8Array {
    return write.sectors ?? this.cache.subarray(this.firstOf(write), this.endOf(write));
  }

  firstOf(write: { readonly from: number }): number {
    return write.from - (write.from % this.sectorBytes);
  }

  endOf(write: { readonly to: number }): number {
    return Math.ceil(write.to / this.sectorBytes) * this.sectorBytes;
  }

  putDurable(from: number, bytes: Uint8Array): void {
    this.durable = withRoom(this.durable, from + bytes.length);
    this.durable.set(bytes, from);
    this.damage.heal(from, from + bytes.length);
  }

  setDurableSize(bytes: number): void {
    this.durable = withRoom(this.durable, bytes);
    if (bytes < this.durableSize) this.durable.fill(0, bytes);
    this.durableSize = bytes;
  }

  /** The cache shows what the disk has, and nothing is pending. */
  revert(): void {
    this.pending = [];
    this.cache = this.durable.slice();
    this.size = this.durableSize;
  }

  /** Forgets clean pages: the next reads see the disk. */
  dropCache(): void {
    const fresh = withRoom(this.durable.slice(), this.cache.length);
    for (const write of this.pending) fresh.set(this.sectorsOf(write), this.firstOf(write));
    this.cache = fresh;
  }

  /** Whether reads of these bytes return anything else than what was written there, because the disk lies. */
  isDamaged(from: number, to: number): boolean {
    if (this.damage.isEmpty) return false;
    const stop = Math.min(to, this.size);
    if (from >= stop) return false;
    const seen = this.cache.subarray(from, stop);
    const intended = this.durable.slice(from, Math.max(from, stop));
    this.damage.restore(intended, from);
    for (let i = 0; i < seen.length; i++) if (seen[i] !== intended[i] && !this.isPending(from + i)) return true;
    return false;
  }

  copy(): SimFile {
    const twin = new SimFile(this.path, this.sectorBytes);
    twin.cache = this.cache.slice();
    twin.size = this.size;
    twin.durable = this.durable.slice();
    twin.durableSize = this.durableSize;
    twin.pending = this.pending.map((write) => ({ ...write }));
    twin.newest = this.newest;
    twin.damage = this.damage.copy();
    twin.order = this.order;
    return twin;
  }

  private isPending(offset: number): boolean {
    return this.pending.some(({ from, to }) => offset >= from && offset < to);
  }

  private owe(write: PendingWrite): void {
    const from = this.firstOf(write);
    const sectors = this.sectorsOf(write);
    this.durable = withRoom(this.durable, from + sectors.length);
    this.damage.heal(from, from + sectors.length);
    this.damage.add(from, sectors);
  }

  private takeUntil(point: SyncPoint): PendingWrite[] {
    const taken = this.pending.filter(({ order }) => order <= point.order);
    this.pending = this.pending.slice(taken.length);
    return taken;
  }

  /** Before bytes change: earlier writes that share a sector with them keep a copy of their own. */
  private keepVersions(from: number, to: number): void {
    const { pending } = this;
    if (pending.length === 0) return;
    const first = this.firstOf({ from });
    const end = this.endOf({ to });
    for (const write of pending)
      if (write.sectors === undefined && this.firstOf(write) < end && this.endOf(write) > first)
        write.sectors = this.cache.slice(this.firstOf(write), this.endOf(write));
  }
}

/** The same bytes with room up to `bytes` at least: whole pages, and more with each growth. */
function withRoom(image: Uint8Array, bytes: number): Uint8Array {
  if (bytes <= image.length) return image;
  const pages = Math.ceil(Math.max(bytes, Math.min(image.length * 2, image.length + 1_048_576)) / pageBytes);
  const roomy = new Uint8Array(pages * pageBytes);
  roomy.set(image);
  return roomy;
}
