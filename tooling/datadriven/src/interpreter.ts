import type { CoreKind, CoreLimits, MemberId } from '@quorate/interface';
import { Arguments, memberList } from './arguments.ts';
import { Cluster, genesisOf } from './cluster.ts';
import { commands } from './commands.ts';
import type { Observer } from './observation.ts';
import { seededRandom } from './random.ts';
import { TraceError } from './trace-error.ts';
import { TraceOptions } from './trace-options.ts';
import { Transcript } from './transcript.ts';

/** Makes the core that a trace runs, from the options of its `add-nodes`. Called once per `add-nodes`. */
export type KindFactory<M> = (options: TraceOptions) => CoreKind<M>;

/** Runs the commands of one trace. One interpreter for all cores: whatever it prints comes from effects and `describe`. */
export class Interpreter<M> {
  readonly #kinds: KindFactory<M>;
  readonly #transcript = new Transcript();
  readonly #observe: Observer<M>;
  #cluster: Cluster<M> | undefined;

  constructor(kinds: KindFactory<M>, observe: Observer<M> = () => undefined) {
    this.#kinds = kinds;
    this.#observe = observe;
  }

  /** Runs one command and returns what the members did. */
  run(text: string): string[] {
    const words = text.split(/\s+/).filter((word) => word !== '');
    const name = words.shift() ?? '';
    const last = words.at(-1);
    this.#transcript.level = last === 'quiet' || last === 'silent' ? last : 'full';
    if (this.#transcript.level !== 'full') words.pop();
    if (name === 'add-nodes') this.#addNodes(new Arguments(words));
    else this.#runOn(this.cluster, name, new Arguments(words));
    return this.#transcript.take();
  }

  /** What was printed before a command failed. */
  take(): string[] {
    return this.#transcript.take();
  }

  #runOn(cluster: Cluster<M>, name: string, words: Arguments): void {
    const command = commands[name];
    if (command === undefined) throw new TraceError(`unknown command: ${name}`);
    command(cluster, words);
    words.end();
    cluster.turns();
  }

  /** The members, once there are some. */
  get cluster(): Cluster<M> {
    if (this.#cluster === undefined) throw new TraceError('the first command is add-nodes');
    return this.#cluster;
  }

  /** `add-nodes N [options]`: the next N ids. The first one also says how the network delivers and who votes. */
  #addNodes(words: Arguments): void {
    const count = words.number('a number of nodes', 1);
    const options = new TraceOptions(words.rest());
    const datagram = options.flag('datagram');
    const fifo = options.flag('fifo');
    if (this.#cluster !== undefined && (datagram || fifo)) throw new TraceError('only the first add-nodes chooses the network');
    if (datagram && fifo) throw new TraceError('fifo or datagram, not both');
    const cluster = this.#cluster ?? new Cluster<M>(datagram ? 'datagram' : 'fifo', this.#transcript, this.#observe);
    this.#cluster = cluster;
    const first = Math.max(0, ...cluster.ids) + 1;
    const ids = Array.from({ length: count }, (_, place) => first + place);
    const learners = memberList(options.text('learners') ?? '-');
    const voters = memberList(options.text('voters') ?? (ids.filter((id) => !learners.includes(id)).join(',') || '-'));
    const seed = options.number('seed', 1);
    const autoSync = options.choice('sync', ['manual', 'auto'], 'manual') === 'auto';
    const limits = limitsOf(options);
    const kind = this.#kinds(options);
    options.end();
    if (kind.needs.fifoLinks && datagram) throw new TraceError(`${kind.protocol} needs fifo links`);
    for (const id of ids) {
      const random = seededRandom(seed * 1_000_003 + id);
      cluster.add({ id, kind, genesis: genesisOf(voters, learners), limits, random, autoSync });
    }
    cluster.connect((a, b) => isNew(ids, a) || isNew(ids, b));
    cluster.turns();
  }
}

function isNew(ids: readonly MemberId[], id: MemberId): boolean {
  return ids.includes(id);
}

function limitsOf(options: TraceOptions): CoreLimits {
  return {
    uncommittedBytes: options.number('uncommitted-bytes', 1 << 20),
    windowBytes: options.number('window-bytes', 1 << 20),
    windowMessages: options.number('window-messages', 64),
    memoryBytes: options.number('memory-bytes', 1 << 20),
    messageBytes: options.number('message-bytes', 1 << 16),
    tailBytes: options.number('tail-bytes', 0),
  };
}
