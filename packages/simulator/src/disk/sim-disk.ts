import { invariant } from '@quorate/interface';
import type { Crc32, Disk, Failure } from '@quorate/interface';
import { diskFailure, lockedPath } from './disk-faults.ts';
import type { MediumCore, ProcessLife } from './medium-core.ts';
import { SimFile } from './sim-file.ts';
import type { SyncPoint } from './sim-file.ts';
import { parentOf } from './sim-tree.ts';

type Done = (failed?: Failure) => void;

/** The disk as one life of a process sees it. Calls of a dead life do nothing. */
export class SimDisk implements Disk {
  readonly syncMode = 'inline';
  readonly crc32: Crc32;
  private readonly core: MediumCore;
  private readonly life: ProcessLife;
  private readonly files = new Map<number, SimFile>();

  constructor(core: MediumCore, life: ProcessLife) {
    this.core = core;
    this.life = life;
    this.crc32 = core.options.crc32;
  }

  open(path: string, mode: 'read' | 'write' | 'create', done: (file: number | Failure) => void): void {
    this.look(path, () => this.opened(path, mode), done);
  }

  write(file: number, offset: number, chunks: readonly Uint8Array[], done: (written: number | Failure) => void): void {
    if (!this.life.alive) return;
    const { core } = this;
    const target = this.file(file);
    let count = 0;
    for (const chunk of chunks) count += chunk.length;
    if (core.faults.shortWrites > 0 && count > 1) {
      const { hit, share } = core.shortness();
      if (hit < core.faults.shortWrites) {
        core.event('shortWrite', target.path, offset, offset + count);
        count = 1 + Math.floor(share * (count - 1));
      }
    }
    const apply = (): number | Failure => this.written(target, { offset, chunks, count });
    core.perform(this.life, core.faults.write, { path: target.path, effect: 'either', apply }, done);
  }

  read(file: number, offset: number, bytes: number, done: (data: Uint8Array | Failure) => void): void {
    if (!this.life.alive) return;
    const source = this.file(file);
    this.look(source.path, () => this.readable(source, offset, bytes), done);
  }

  sync(file: number, done: Done): void {
    if (!this.life.alive) return;
    const { core } = this;
    const target = this.file(file);
    const point = target.syncPoint();
    const apply = (): Failure | undefined => this.synced(target, point);
    core.perform(this.life, core.faults.sync, { path: target.path, effect: 'late', apply }, done);
  }

  /** A failed sync of a directory leaves its changes as they were, unsynced. */
  syncDirectory(path: string, done: Done): void {
    if (!this.life.alive) return;
    const { core } = this;
    const apply = (): Failure | undefined => {
      if (!core.tree.isDirectory(path)) return diskFailure('ENOENT', 'open', path);
      if (core.syncFault(path, false) === undefined) core.tree.sync(path);
      else {
        core.event('syncFailed', path);
        return diskFailure('EIO', 'fsync', path);
      }
      return undefined;
    };
    core.perform(this.life, core.faults.sync, { path, effect: 'late', apply }, done);
  }

  truncate(file: number, bytes: number, done: Done): void {
    if (!this.life.alive) return;
    const target = this.file(file);
    this.change('truncate', target.path, done, () => {
      if (bytes < target.size) this.core.faults.freeBytes += target.size - bytes;
      target.truncate(bytes);
      return undefined;
    });
  }

  size(file: number, done: (bytes: number | Failure) => void): void {
    if (!this.life.alive) return;
    const target = this.file(file);
    this.look(target.path, () => target.size, done);
  }

  close(file: number): void {
    this.files.delete(file);
  }

  rename(from: string, to: string, done: Done): void {
    this.change('rename', from, done, () => {
      const { tree } = this.core;
      const file = tree.file(from);
      if (file === undefined || !tree.isDirectory(parentOf(to))) return diskFailure('ENOENT', 'rename', from);
      if (tree.isDirectory(to)) return diskFailure('EEXIST', 'rename', to);
      if (from === to) return undefined;
      this.giveBack(to);
      tree.rename(from, to, file);
      return undefined;
    });
  }

  remove(path: string, done: Done): void {
    this.change('remove', path, done, () => {
      const { tree } = this.core;
      if (tree.file(path) === undefined) return diskFailure('ENOENT', 'remove', path);
      this.giveBack(path);
      tree.remove(path);
      return undefined;
    });
  }

  list(path: string, done: (names: readonly string[] | Failure) => void): void {
    const { tree } = this.core;
    this.look(path, () => (tree.isDirectory(path) ? tree.names(path) : diskFailure('ENOENT', 'list', path)), done);
  }

  makeDirectory(path: string, done: Done): void {
    this.change('make directory', path, done, () =>
      this.core.tree.makeDirectory(path) ? undefined : diskFailure('ENOTDIR', 'make directory', path),
    );
  }

  lock(path: string, done: Done): void {
    this.change('lock', path, done, () => {
      const { core } = this;
      if (!core.tree.isDirectory(parentOf(path))) return diskFailure('ENOENT', 'lock', path);
      const holder = core.locks.get(path);
      if (holder?.alive === true) return lockedPath(path);
      if (holder !== undefined) core.event('lockTakenOver', path);
      core.locks.set(path, this.life);
      return undefined;
    });
  }

  unlock(path: string, done: Done): void {
    if (!this.life.alive) return;
    const { locks } = this.core;
    if (locks.get(path) === this.life) locks.delete(path);
    this.look(path, () => undefined, done);
  }

  /** What changes nothing: its answer is that of the moment of the call. */
  private look<R>(path: string, apply: () => R, done: (result: R) => void): void {
    if (!this.life.alive) return;
    this.core.perform(this.life, this.core.faults.read, { path, effect: 'early', apply }, done);
  }

  /** What changes names or sizes: at the moment of the call, so that the order of calls is the order of changes. */
  private change(operation: string, path: string, done: Done, apply: () => Failure | undefined): void {
    if (!this.life.alive) return;
    const { core } = this;
    const guarded = (): Failure | undefined => (core.faults.readOnly ? this.refused(operation, path) : apply());
    core.perform(this.life, core.faults.write, { path, effect: 'early', apply: guarded }, done);
  }

  private refused(operation: string, path: string): Failure {
    this.core.event('readOnly', path);
    return diskFailure('EROFS', operation, path);
  }

  private opened(path: string, mode: 'read' | 'write' | 'create'): number | Failure {
    const { core } = this;
    const { tree, faults } = core;
    if (this.files.size >= faults.openFiles) {
      core.event('noOpenFiles', path);
      return diskFailure('EMFILE', 'open', path);
    }
    let file = tree.file(path);
    if (mode !== 'read' && faults.readOnly) return this.refused('open', path);
    if (mode === 'create') {
      if (file !== undefined || tree.isDirectory(path)) return diskFailure('EEXIST', 'open', path);
      if (!tree.isDirectory(parentOf(path))) return diskFailure('ENOENT', 'open', path);
      file = new SimFile(path, core.sectorBytes);
      tree.create(path, file);
    }
    if (file === undefined) return diskFailure(tree.isDirectory(path) ? 'EEXIST' : 'ENOENT', 'open', path);
    const handle = core.nextHandle++;
    this.files.set(handle, file);
    return handle;
  }

  private written(
    file: SimFile,
    { offset, chunks, count }: { offset: number; chunks: readonly Uint8Array[]; count: number },
  ): number | Failure {
    const { core } = this;
    const { faults } = core;
    if (faults.readOnly) return this.refused('write', file.path);
    let taken = count;
    const growth = offset + count - file.size;
    if (growth > 0) {
      if (growth > faults.freeBytes) {
        taken = Math.max(0, count - (growth - Math.max(0, faults.freeBytes)));
        core.event('noSpace', file.path, offset + taken, offset + count);
        if (taken === 0) return diskFailure('ENOSPC', 'write', file.path);
      }
      faults.freeBytes -= Math.max(0, offset + taken - file.size);
    }
    file.write(offset, chunks, taken);
    return taken;
  }

  private readable(file: SimFile, offset: number, bytes: number): Uint8Array | Failure {
    const { core } = this;
    for (const { path, from, to } of core.faults.unreadable) {
      if (!file.path.startsWith(path) || offset >= to || Math.min(offset + bytes, file.size) <= from) continue;
      core.event('unreadable', file.path, from, to);
      return diskFailure('EIO', 'read', file.path);
    }
    return file.read(offset, bytes);
  }

  private synced(file: SimFile, point: SyncPoint): Failure | undefined {
    const { core } = this;
    const { path, size } = file;
    const fault = core.syncFault(path, file.pending.length > 0);
    if (fault === 'clean' || fault === 'reverted') {
      core.flushSome(file);
      if (fault === 'clean') file.pending = [];
      else file.revert();
      core.event('syncFailed', path, 0, size);
      return diskFailure('EIO', 'fdatasync', path);
    }
    if (fault === undefined) file.flush(point);
    else this.cheated(file, point, fault);
    return undefined;
  }

  /** The disk reports what it did not do. Where that is not allowed it does it. */
  private cheated(file: SimFile, point: SyncPoint, how: 'lost' | 'misdirected'): void {
    const { core } = this;
    const first = file.pending[0];
    const last = file.pending.at(-1);
    if (first === undefined || last === undefined) return file.flush(point);
    const from = file.firstOf(first);
    const to = file.endOf(last);
    const bytes = to - file.firstOf(last);
    if (!core.mayDamage(file.path, from, to)) return file.flush(point);
    if (how === 'lost') {
      file.loseFlush(point);
      return core.event('syncLost', file.path, from, to);
    }
    const next = core.rotRow();
    const places = Math.max(1, Math.floor(file.durableSize / core.sectorBytes));
    const place = Math.floor(next() * places) * core.sectorBytes;
    if (place < to && place + bytes > from) return file.flush(point);
    if (!core.mayDamage(file.path, place, place + bytes)) return file.flush(point);
    file.misdirect(point, place);
    core.event('syncMisdirected', file.path, place, place + bytes);
  }

  private giveBack(path: string): void {
    const file = this.core.tree.file(path);
    if (file !== undefined) this.core.faults.freeBytes += file.size;
  }

  private file(handle: number): SimFile {
    const file = this.files.get(handle);
    invariant(file !== undefined, 'the file is not open');
    return file;
  }
}
