import { at, invariant } from '@quorate/interface';
import { compareBytes } from './compare-bytes.ts';
import { KeyHistory } from './key-history.ts';
import { KeySearch } from './key-search.ts';
import { KeyTable } from './key-table.ts';

/** Entries of a leaf and children of an inner node. */
const fanout = 64;

interface Leaf {
  readonly leaf: true;
  readonly entries: KeyHistory[];
  /** Keys that exist now, as opposed to those that only have a past. */
  live: number;
}

/** `children[i]` holds the keys below `bounds[i]` and not below `bounds[i - 1]`. */
interface Inner {
  readonly leaf: false;
  readonly bounds: Uint8Array[];
  readonly children: Node[];
  /** The sum of its children's. */
  live: number;
}

type Node = Leaf | Inner;

/** The right half of a node that was full. */
interface Split {
  readonly bound: Uint8Array;
  readonly right: Node;
}

/**
 * Keys in bytewise order: a B+ tree. Its nodes split when full and are freed when empty but never merged between: with mixed
 * workloads that costs little space and saves most of the code (Johnson and Shasha, "B-trees with inserts and deletes: why
 * free-at-empty is better than merge-at-half", 1993).
 */
export class KeyTree {
  private root: Node = emptyLeaf();
  private readonly table = new KeyTable();
  private count = 0;

  get size(): number {
    return this.count;
  }

  find(key: Uint8Array): KeyHistory | undefined {
    return this.table.find(key);
  }

  /** The history of `key`. A new one looks at `key` itself until its first version is there, which has to be before those bytes change. */
  findOrInsert(key: Uint8Array): KeyHistory {
    const found = this.table.find(key);
    if (found !== undefined) return found;
    const history = new KeyHistory(key);
    const split = insertInto(this.root, history, new KeySearch(key));
    if (split !== undefined) this.root = innerNode([split.bound], [this.root, split.right]);
    this.table.add(history);
    this.count++;
    return history;
  }

  /** Removes a key that is in the tree. */
  remove(history: KeyHistory): void {
    removeFrom(this.root, history, new KeySearch(history.key));
    this.table.remove(history);
    while (!this.root.leaf && this.root.children.length < 2) this.root = this.root.children[0] ?? emptyLeaf();
    this.count--;
  }

  /** To be told whenever a key came to exist (1) or ceased to (−1). */
  adjustLive(key: Uint8Array, change: 1 | -1): void {
    const search = new KeySearch(key);
    let node = this.root;
    node.live += change;
    while (!node.leaf) {
      node = at(node.children, search.childPlace(node.bounds));
      node.live += change;
    }
  }

  /** Counts all keys that exist anew, after a restore that told nothing. */
  recountLive(): void {
    recount(this.root);
  }

  /** How many keys of a range exist now, without visiting them. */
  countLive(start: Uint8Array, end: Uint8Array | undefined): number {
    const upTo = end === undefined ? this.root.live : this.liveBelow(end);
    // A range that ends before it starts is empty.
    return Math.max(0, upTo - this.liveBelow(start));
  }

  /**
   * Calls `visit` for each key from `start` on, in order, until it returns false. `end` is exclusive; undefined: no end.
   * The tree must not change meanwhile.
   */
  scan(start: Uint8Array, end: Uint8Array | undefined, visit: (history: KeyHistory) => boolean): void {
    scanNode(this.root, { search: new KeySearch(start), end, visit });
  }

  private liveBelow(key: Uint8Array): number {
    const search = new KeySearch(key);
    let live = 0;
    let node = this.root;
    while (!node.leaf) {
      const place = search.childPlace(node.bounds);
      for (let i = 0; i < place; i++) live += at(node.children, i).live;
      node = at(node.children, place);
    }
    const place = search.lowerBound(node.entries);
    for (let i = 0; i < place; i++) if (at(node.entries, i).current() !== undefined) live++;
    return live;
  }
}

function emptyLeaf(): Leaf {
  return { leaf: true, entries: [], live: 0 };
}

function innerNode(bounds: Uint8Array[], children: Node[]): Inner {
  return { leaf: false, bounds, children, live: children.reduce((sum, child) => sum + child.live, 0) };
}

function recount(node: Node): number {
  if (node.leaf) node.live = node.entries.filter((history) => history.current() !== undefined).length;
  else node.live = node.children.reduce((sum, child) => sum + recount(child), 0);
  return node.live;
}

function insertInto(node: Node, history: KeyHistory, search: KeySearch): Split | undefined {
  if (node.leaf) {
    node.entries.splice(search.lowerBound(node.entries), 0, history);
    return node.entries.length > fanout ? splitLeaf(node, history) : undefined;
  }
  const place = search.childPlace(node.bounds);
  const split = insertInto(at(node.children, place), history, search);
  if (split === undefined) return undefined;
  node.bounds.splice(place, 0, split.bound);
  node.children.splice(place + 1, 0, split.right);
  return node.children.length > fanout ? splitInner(node) : undefined;
}

function splitLeaf(leaf: Leaf, inserted: KeyHistory): Split {
  // Rising keys are common; a split at the end leaves full leaves behind instead of half-empty ones.
  const rising = leaf.entries[leaf.entries.length - 1] === inserted;
  const right: Leaf = { leaf: true, entries: leaf.entries.splice(rising ? fanout : fanout >>> 1), live: 0 };
  leaf.live -= recount(right);
  // A copy: the key is a view, and a bound may outlive it.
  return { bound: at(right.entries, 0).key.slice(), right };
}

function splitInner(inner: Inner): Split {
  const middle = inner.children.length >>> 1;
  const right = innerNode(inner.bounds.splice(middle), inner.children.splice(middle));
  inner.live -= right.live;
  const bound = inner.bounds.pop();
  invariant(bound !== undefined, 'an inner node that splits has bounds');
  return { bound, right };
}

// True where the node is now empty.
function removeFrom(node: Node, history: KeyHistory, search: KeySearch): boolean {
  if (node.leaf) {
    const place = search.lowerBound(node.entries);
    invariant(node.entries[place] === history, 'a removed key is in the tree');
    node.entries.splice(place, 1);
    return node.entries.length === 0;
  }
  const place = search.childPlace(node.bounds);
  if (!removeFrom(at(node.children, place), history, search)) return false;
  node.children.splice(place, 1);
  node.bounds.splice(Math.max(place - 1, 0), 1);
  return node.children.length === 0;
}

interface Scan {
  readonly search: KeySearch;
  readonly end: Uint8Array | undefined;
  readonly visit: (history: KeyHistory) => boolean;
}

// False where the scan is over. Only the first path needs `start`, and only the last leaf a comparison per key.
function scanNode(node: Node, scan: Scan, fromStart = true): boolean {
  if (node.leaf) return scanLeaf(node.entries, scan, fromStart);
  const first = fromStart ? scan.search.childPlace(node.bounds) : 0;
  for (let place = first; place < node.children.length; place++) {
    const beyond = place > first && scan.end !== undefined && compareBytes(at(node.bounds, place - 1), scan.end) >= 0;
    if (beyond || !scanNode(at(node.children, place), scan, fromStart && place === first)) return false;
  }
  return true;
}

function scanLeaf(entries: readonly KeyHistory[], scan: Scan, fromStart: boolean): boolean {
  const { search, end, visit } = scan;
  const last = entries[entries.length - 1];
  const check = end !== undefined && last !== undefined && compareBytes(last.key, end) >= 0;
  for (let place = fromStart ? search.lowerBound(entries) : 0; place < entries.length; place++) {
    const history = at(entries, place);
    if (check && compareBytes(history.key, end) >= 0) return false;
    if (!visit(history)) return false;
  }
  return true;
}
