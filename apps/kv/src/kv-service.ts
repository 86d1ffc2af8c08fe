import { readFileSync } from 'node:fs';
import type { Door, ServiceContext, ServiceDefinition } from '@quorate/server';
import { callMetrics } from './etcd/call-metrics.ts';
import { openEtcdDoor } from './etcd/etcd-door.ts';
import { publishMember } from './etcd/member-publisher.ts';
import { kvStateMachine } from './store/kv-state-machine.ts';

/** The version of etcd's API that clients are told: Go clients and Kubernetes read features from it, Patroni wants plain numbers. */
const etcdVersion = '3.5.17';

// As etcd's, whose server gives a request up after 5 s and two election timeouts.
const baseTimeoutMs = 5000;

// A connection with more calls at a time gains nothing: they wait here instead of at the client.
const maxConcurrentCalls = 1000;

/** The key-value store as a service: etcd's API in front of a replicated store. `runService(kvService())` is the whole command. */
export function kvService(): ServiceDefinition {
  return {
    name: 'quorate-kv',
    version: packageVersion(),
    description: "A member of a replicated key-value store that speaks etcd's API.",
    defaults: {
      listenClientUrls: 'http://127.0.0.1:2379',
      listenPeerUrls: 'tcp://127.0.0.1:2380',
      clientSchemes: ['http'],
    },
    createStateMachine: () => kvStateMachine(),
    openDoors,
  };
}

async function openDoors(context: ServiceContext): Promise<readonly Door[]> {
  const { replica, host, self, clusterId, genesis, flags, logger, metrics } = context;
  const door = await openEtcdDoor({
    replica,
    host,
    self: self.id,
    clusterId,
    genesis,
    maxRequestBytes: flags.maxRequestBytes,
    requestTimeoutMs: baseTimeoutMs + 2 * flags.electionTimeoutMs,
    version: etcdVersion,
    observe: callMetrics(metrics),
    listenUrls: flags.listenClientUrls,
    maxConcurrentCalls,
    health: () => context.health(),
    metrics: () => metrics.render(),
  });
  logger.info('serving clients', { urls: door.urls.join(',') });
  const attributes = { name: self.name, clientUrls: flags.advertiseClientUrls };
  const stopPublishing = publishMember({ replica, host, self: self.id, attributes });
  const close = (deadlineMs: number): Promise<void> => {
    stopPublishing();
    return door.close(deadlineMs);
  };
  return [{ close }];
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
