import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { failure, isFailure } from '@quorate/interface';
import type { Config, Failure, MemberId } from '@quorate/interface';
import { createReplica, memberName } from '@quorate/replica';
import type { Replica, ReplicaEvent } from '@quorate/replica';
import { runtimeCodec } from '@quorate/codec-protobuf';
import { loadProtocol, loadStorage, loadTransport } from './assembly.ts';
import { healthOf } from './health.ts';
import { clusterIdOf, genesisOf, memberId, newDiskId } from './identity.ts';
import type { Logger } from './logger.ts';
import { memberSamples, processSamples } from './member-metrics.ts';
import type { MemberFlags } from './member-flags.ts';
import { createMetrics } from './metrics.ts';
import { nodeHost } from './node-host.ts';
import type { NodeHost } from './node-host.ts';
import { watchProcess } from './process-events.ts';
import type { Door, ServiceContext, ServiceDefinition, StateMachineContext } from './service.ts';

/** Where a running member writes to. */
export interface MemberOutput {
  readonly logger: Logger;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** The whole stop, doors and hand-over included. A supervisor that kills after ten seconds sees an orderly exit. */
const stopMs = 8000;
const doorsMs = 2000;

/** Assembles a member from its flags, runs it until a signal or a failure, and resolves with the exit code. */
export async function runMember(definition: ServiceDefinition, flags: MemberFlags, output: MemberOutput): Promise<number> {
  const run = new MemberProcess(definition, flags, output);
  const unwatch = watchProcess({
    stop: (signal) => run.stop(signal),
    crashed: (text) => run.fail(failure('E_INTERNAL', text, 70)),
  });
  try {
    run.begin();
    return await run.exit;
  } finally {
    unwatch();
  }
}

class MemberProcess {
  readonly exit: Promise<number>;
  readonly #definition: ServiceDefinition;
  readonly #flags: MemberFlags;
  readonly #output: MemberOutput;
  readonly #host: NodeHost = nodeHost();
  #finish: (code: number) => void = () => undefined;
  #replica: Replica | undefined;
  /** The configuration in force: it has the names. */
  #config: Config;
  #doors: readonly Door[] = [];
  #ready = false;
  #stopping = false;
  #finished = false;

  constructor(definition: ServiceDefinition, flags: MemberFlags, output: MemberOutput) {
    this.#definition = definition;
    this.#flags = flags;
    this.#output = output;
    this.#config = genesisOf(flags.initialClusterToken, flags.initialCluster);
    this.exit = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  begin(): void {
    this.#start().catch((error: unknown) => this.fail(failureOf(error)));
  }

  /** The first time: hands over and stops in order. The second time: exits at once. */
  stop(signal: NodeJS.Signals): void {
    if (this.#stopping) {
      this.#output.logger.warn('second signal: exiting at once', { signal });
      // What a shell reports of a process that the signal ended.
      this.#end(128 + constants.signals[signal]);
      return;
    }
    this.#stopping = true;
    this.#output.logger.info('stopping', { signal });
    if (this.#ready) void this.#stopInOrder();
  }

  /** Fail-stop: one line with the reason, and the process ends without another write. */
  fail({ code, text, exit }: Failure): void {
    if (this.#finished) return;
    const line = `${code}: ${text.replaceAll(/\s*\n\s*/gu, ' | ')}`;
    if (this.#flags.logFormat === 'json') this.#output.logger.error(line, { code, exit });
    else this.#output.stderr(`${line}\n`);
    this.#end(exit);
  }

  #end(code: number): void {
    this.#finished = true;
    this.#finish(code);
  }

  async #start(): Promise<void> {
    const context = this.#stateContext();
    const replica = await this.#assemble(context);
    if (isFailure(replica)) return this.fail(replica);
    this.#replica = replica;
    const failed = await new Promise<Failure | undefined>((resolve) => replica.start(resolve));
    if (failed !== undefined) return this.fail(failed);
    this.#sayStarted(replica);
    context.metrics.collect(processSamples(this.#host));
    context.metrics.collect(memberSamples(replica, context.genesis));
    const service: ServiceContext = { ...context, replica, host: this.#host, health: () => healthOf(replica, this.#nameOf) };
    if (!this.#stopping) this.#doors = await this.#definition.openDoors(service);
    this.#ready = true;
    if (this.#stopping) void this.#stopInOrder();
    else this.#announce(context);
  }

  /** Before the doors open: what runs here, and where the log and the state stand. A start that is refused says nothing but why. */
  #sayStarted(replica: Replica): void {
    const { name: service, version } = this.#definition;
    const { dataDir, storage } = this.#flags;
    const { applied, snapshot, core } = replica.status();
    const program = { service, version, node: process.versions.node, pid: process.pid };
    const data = storage === 'file' ? dataDir : 'in memory';
    this.#output.logger.info('started', {
      ...program,
      data,
      applied,
      snapshot: snapshot.index,
      first: core?.first,
      last: core?.last,
    });
  }

  #stateContext(): StateMachineContext {
    const { initialClusterToken: token, initialCluster: cluster, name } = this.#flags;
    const own = cluster.find((member) => member.name === name) ?? { name, peerUrls: [] };
    return {
      self: { id: memberId(token, own), name },
      clusterId: clusterIdOf(token, cluster),
      genesis: this.#config,
      flags: this.#flags,
      logger: this.#output.logger,
      metrics: createMetrics(),
    };
  }

  async #assemble(context: StateMachineContext): Promise<Replica | Failure> {
    const { flags } = context;
    const { dataDir } = flags;
    if (flags.initialClusterState === 'existing' && flags.storage === 'file' && !existsSync(join(dataDir, 'identity'))) {
      const text = `--initial-cluster-state is existing, but ${dataDir} holds no member. Correct --data-dir, or start with new.`;
      return failure('E_CLUSTER_STATE', text, 78);
    }
    const parts = await loadProtocol(flags.protocol, flags);
    if (isFailure(parts)) return parts;
    const maxFrameBytes = Math.max(leastFrameBytes, 2 * flags.maxRequestBytes);
    const transport = await loadTransport(flags.transport, { listen: flags.listenPeerUrls, maxFrameBytes });
    if (isFailure(transport)) return transport;
    const native = flags.listenNativeUrls;
    const clientTransport = native.length === 0 ? undefined : await loadTransport('tcp', { listen: native, maxFrameBytes });
    if (isFailure(clientTransport)) return clientTransport;
    const storage = await loadStorage(flags.storage, { directory: dataDir, host: this.#host });
    return createReplica({
      host: this.#host,
      ...parts,
      runtimeCodec,
      transport,
      ...(clientTransport === undefined ? {} : { clientTransport }),
      storage,
      stateMachine: this.#definition.createStateMachine(context),
      self: context.self.id,
      name: context.self.name,
      clusterId: context.clusterId,
      genesis: context.genesis,
      newDiskId: newDiskId(),
      snapshotCount: flags.snapshotCount,
      // A command is a request and a little around it.
      limits: { commandBytes: flags.maxRequestBytes + 524_288 },
      onEvent: (event) => this.#event(event),
    });
  }

  #event(event: ReplicaEvent): void {
    const { logger } = this.#output;
    switch (event.type) {
      case 'fatal':
        this.fail(event.failure);
        break;
      case 'log':
        logger[event.level](event.text, event.peer === undefined ? {} : { member: this.#nameOf(event.peer) });
        break;
      case 'link':
        logger.info(`link ${event.stage}`, { member: this.#nameOf(event.peer), link: event.link, reason: event.reason });
        break;
      case 'role': {
        const { role, epoch, leader, ready, settled } = event.role;
        logger.info('role', {
          role,
          epoch: epoch.round,
          leader: leader === undefined ? 'none' : this.#nameOf(leader),
          ready,
          settled,
        });
        break;
      }
      case 'snapshot':
        logger.info('snapshot', { stage: event.stage, index: event.meta.index, bytes: event.meta.bytes });
        break;
      case 'config':
        if (event.stage === 'active') this.#config = event.config;
        logger.info('configuration', { stage: event.stage, id: event.config.id, index: event.index });
        break;
      default:
        break;
    }
  }

  readonly #nameOf = (id: MemberId): string => memberName(this.#config, id);

  #announce({ self, clusterId }: StateMachineContext): void {
    const { listenClientUrls, listenApiUrls, listenPeerUrls, listenNativeUrls, protocol, dataDir, storage, logFormat } =
      this.#flags;
    const { name: service } = this.#definition;
    const id = self.id.toString(16);
    if (logFormat === 'json') {
      const line = {
        ready: true,
        service,
        name: self.name,
        id,
        clusterId,
        protocol,
        listenClientUrls,
        ...(listenApiUrls.length === 0 ? {} : { listenApiUrls }),
        listenPeerUrls,
        listenNativeUrls,
      };
      this.#output.stdout(`${JSON.stringify(line)}\n`);
      return;
    }
    const native = listenNativeUrls.length === 0 ? '' : `, native ${listenNativeUrls.join(',')}`;
    const api = listenApiUrls.length === 0 ? '' : `, API ${listenApiUrls.join(',')}`;
    const doors = `clients ${listenClientUrls.join(',')}${api}, peers ${listenPeerUrls.join(',')}${native}`;
    const place = storage === 'file' ? `data in ${dataDir}` : 'data in memory';
    this.#output.stdout(
      `${service} ${self.name} is ready: ${protocol}, ${doors}, ${place} (member ${id}, cluster ${clusterId})\n`,
    );
  }

  async #stopInOrder(): Promise<void> {
    const deadlineMs = this.#host.monotonicMs() + stopMs;
    // Doors first: requests that run still get their answers from a member that leads.
    await Promise.allSettled(this.#doors.map((door) => door.close(this.#host.monotonicMs() + doorsMs)));
    const replica = this.#replica;
    if (replica === undefined || this.#finished) return this.#end(0);
    replica.stop({ handOver: true, deadlineMs }, (failed) => {
      if (failed !== undefined) return this.fail(failed);
      this.#output.logger.info('stopped');
      this.#end(0);
    });
  }
}

const leastFrameBytes = 4 * 1_048_576;

const addressProblems: Readonly<Record<string, readonly [code: string, advice: string]>> = {
  EADDRINUSE: ['E_ADDRESS_IN_USE', 'Another process listens there: stop it, or choose another address'],
  EACCES: ['E_ADDRESS_DENIED', 'This user may not listen there: choose a port above 1023'],
  EADDRNOTAVAIL: ['E_ADDRESS_UNAVAILABLE', 'This machine has no such address: choose one of its own'],
  ENOTFOUND: ['E_ADDRESS_UNKNOWN', 'The name cannot be resolved: correct it, or use an address'],
  EAI_AGAIN: ['E_ADDRESS_UNKNOWN', 'The name cannot be resolved now: correct it, or use an address'],
};

/** What a rejection while starting means. Doors fail with errors of the system, most of all an address in use. */
function failureOf(error: unknown): Failure {
  if (isFailure(error)) return error;
  const { code = '', syscall, stack, message } = error as Partial<NodeJS.ErrnoException>;
  if (syscall === undefined) return failure('E_INTERNAL', stack ?? String(error), 70);
  const [name, advice] = addressProblems[code] ?? ['E_LISTEN', 'Free the address, or choose another one'];
  return failure(name, `a door for clients cannot be opened (${message}). ${advice}.`, 78);
}
