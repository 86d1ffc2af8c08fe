import type { SimFile } from './sim-file.ts';

/** A change of names that no sync of its directory has made durable. Atomic. */
interface NameChange {
  /** A sync of any of them makes it durable. */
  readonly directories: readonly string[];
  readonly entries: readonly { readonly path: string; readonly file: SimFile | undefined }[];
  readonly made: string | undefined;
}

/** All names of a medium: as processes see them, as the disk has them, and the changes between. */
export class SimTree {
  private entries = new Map<string, SimFile>();
  private durable = new Map<string, SimFile>();
  private made = new Set<string>();
  private durablyMade = new Set<string>();
  private pending: NameChange[] = [];

  file(path: string): SimFile | undefined {
    return this.entries.get(path);
  }

  isDirectory(path: string): boolean {
    return isRoot(path) || this.made.has(path);
  }

  paths(): string[] {
    return [...this.entries.keys()].sort();
  }

  /** Names in a directory: files and directories. */
  names(directory: string): string[] {
    const names: string[] = [];
    const add = (path: string): void => {
      if (parentOf(path) === directory) names.push(path.slice(path.lastIndexOf('/') + 1));
    };
    for (const path of this.entries.keys()) add(path);
    for (const path of this.made) add(path);
    return names;
  }

  usedBytes(): number {
    let bytes = 0;
    for (const file of this.entries.values()) bytes += file.size;
    return bytes;
  }

  create(path: string, file: SimFile): void {
    this.change({ directories: [parentOf(path)], entries: [{ path, file }], made: undefined });
  }

  remove(path: string): void {
    this.change({ directories: [parentOf(path)], entries: [{ path, file: undefined }], made: undefined });
  }

  rename(from: string, to: string, file: SimFile): void {
    const entries = [
      { path: from, file: undefined },
      { path: to, file },
    ];
    this.change({ directories: [parentOf(from), parentOf(to)], entries, made: undefined });
  }

  /** Makes a directory and its parents where they are missing; the parents durably, as Node's disk does. False where a file is in the way. */
  makeDirectory(path: string): boolean {
    if (this.isDirectory(path)) return true;
    const parent = parentOf(path);
    if (this.entries.has(path)) return false;
    if (!this.isDirectory(parent)) {
      if (!this.makeDirectory(parent)) return false;
      this.sync(parentOf(parent));
    }
    this.change({ directories: [parent], entries: [], made: path });
    return true;
  }

  sync(directory: string): void {
    if (this.pending.length === 0) return;
    const left: NameChange[] = [];
    for (const change of this.pending) {
      if (change.directories.includes(directory)) this.settle(change);
      else left.push(change);
    }
    this.pending = left;
  }

  /** Puts a file there, or takes it away, on the disk and for processes alike. */
  replace(path: string, file: SimFile | undefined): void {
    this.makeDirectory(parentOf(path));
    const change: NameChange = { directories: [], entries: [{ path, file }], made: undefined };
    show(this.entries, change);
    this.pending = this.pending.filter(({ entries }) => !entries.some((entry) => entry.path === path));
    this.settle(change);
    for (let above = parentOf(path); !isRoot(above); above = parentOf(above)) this.durablyMade.add(above);
  }

  /**
   * Of the unsynced changes of each directory some survive, applied in their order: none, all, the first ones, or any. Returns the
   * names whose change was lost.
   */
  lose(next: () => number): string[] {
    const lost: string[] = [];
    const directories = new Set(this.pending.map(({ directories: [first] }) => first));
    for (const directory of directories) {
      const manner = next();
      const share = next();
      const own = this.pending.filter(({ directories: [first] }) => first === directory);
      for (const [place, change] of own.entries())
        if (survives({ manner, share, place, count: own.length }, next)) this.settle(change);
        else lost.push(change.made ?? change.entries.at(-1)?.path ?? '');
    }
    this.pending = [];
    for (const path of this.durablyMade) if (!this.isReachable(path)) this.durablyMade.delete(path);
    for (const path of this.durable.keys()) if (!this.isReachable(path)) this.durable.delete(path);
    this.made = new Set(this.durablyMade);
    this.entries = new Map(this.durable);
    for (const [path, file] of this.entries) file.path = path;
    return lost;
  }

  files(): Set<SimFile> {
    return new Set(this.entries.values());
  }

  /** An independent copy, files included. */
  copy(): SimTree {
    const files = new Map<SimFile, SimFile>();
    const twinOf = (file: SimFile): SimFile => {
      const twin = files.get(file) ?? file.copy();
      files.set(file, twin);
      return twin;
    };
    const copied = (entries: Map<string, SimFile>): Map<string, SimFile> =>
      new Map([...entries].map(([path, file]) => [path, twinOf(file)]));
    const twin = new SimTree();
    twin.entries = copied(this.entries);
    twin.durable = copied(this.durable);
    twin.made = new Set(this.made);
    twin.durablyMade = new Set(this.durablyMade);
    twin.pending = this.pending.map((change) => ({
      ...change,
      entries: change.entries.map(({ path, file }) => ({ path, file: file === undefined ? undefined : twinOf(file) })),
    }));
    return twin;
  }

  private change(change: NameChange): void {
    show(this.entries, change);
    if (change.made !== undefined) this.made.add(change.made);
    for (const { path, file } of change.entries) if (file !== undefined) file.path = path;
    this.pending.push(change);
  }

  private settle(change: NameChange): void {
    show(this.durable, change);
    if (change.made !== undefined) this.durablyMade.add(change.made);
  }

  private isReachable(path: string): boolean {
    for (let above = parentOf(path); !isRoot(above); above = parentOf(above)) if (!this.durablyMade.has(above)) return false;
    return true;
  }
}

/** The directory of a path: `.` and `/` are the roots of relative and absolute paths. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : path.slice(0, slash);
}

function isRoot(path: string): boolean {
  return path === '.' || path === '/';
}

function show(entries: Map<string, SimFile>, change: NameChange): void {
  for (const { path, file } of change.entries)
    if (file === undefined) entries.delete(path);
    else entries.set(path, file);
}

function survives(
  change: { readonly manner: number; readonly share: number; readonly place: number; readonly count: number },
  next: () => number,
): boolean {
  const { manner, share, place, count } = change;
  if (manner < 0.2) return false;
  if (manner < 0.4) return true;
  if (manner < 0.7) return place < Math.floor(share * (count + 1));
  return next() < share;
}
