import { readFileSync } from 'node:fs';
import type { StateMachine } from '@quorate/interface';
import type { Door, Metrics, ServiceContext, ServiceDefinition } from '@quorate/server';
import { openLockDoor, type LockDoor } from './door/lock-door.ts';
import { requestMetrics } from './door/request-metrics.ts';
import { decodeLockReply, lockQueries } from './machine/lock-commands.ts';
import { lockStateMachine } from './machine/lock-state-machine.ts';

// As the key-value store's: 5 s and two election timeouts.
const baseTimeoutMs = 5000;

const bounds = { maxBodyBytes: 65_536, requestArrivesMs: 10_000, maxConnections: 20_000, maxWaits: 16_384, maxObservers: 4096 };

/** The lock service as a service: an HTTP/JSON door in front of the replicated locks. `runService(lockService())` is the whole command. */
export function lockService(): ServiceDefinition {
  let machine: StateMachine | undefined;
  let door: LockDoor | undefined;
  return {
    name: 'quorate-lock',
    version: packageVersion(),
    description: 'A member of a replicated lock service.',
    defaults: {
      listenClientUrls: 'zk://127.0.0.1:2181',
      listenApiUrls: 'http://127.0.0.1:2281',
      listenPeerUrls: 'tcp://127.0.0.1:2888',
      clientSchemes: ['zk'],
    },
    createStateMachine: () => (machine = tellingRestores(lockStateMachine(), () => door?.restored())),
    openDoors: async (context) => {
      door = await openDoor(context);
      if (machine !== undefined) measure(context.metrics, { machine, door });
      return [door];
    },
  };
}

async function openDoor(context: ServiceContext): Promise<LockDoor & Door> {
  const { replica, host, flags, logger, metrics } = context;
  logger.info("ZooKeeper's protocol is not served yet: nothing listens there", { urls: flags.listenClientUrls.join(',') });
  const door = await openLockDoor({
    replica,
    host,
    logger,
    ...bounds,
    requestTimeoutMs: baseTimeoutMs + 2 * flags.electionTimeoutMs,
    version: packageVersion(),
    listenUrls: flags.listenApiUrls,
    observe: requestMetrics(metrics),
    health: () => context.health(),
    metrics: () => metrics.render(),
  });
  logger.info('serving clients', { urls: door.urls.join(',') });
  return door;
}

/** The same machine; `restored` is called when a snapshot took the place of its state. */
function tellingRestores(machine: StateMachine, restored: () => void): StateMachine {
  const restore = machine.restore.bind(machine);
  return Object.assign(machine, {
    restore: () => {
      const sink = restore();
      return {
        write: (chunk: Uint8Array) => sink.write(chunk),
        finish: () => {
          sink.finish();
          restored();
        },
      };
    },
  });
}

function measure(metrics: Metrics, { machine, door }: { readonly machine: StateMachine; readonly door: LockDoor }): void {
  metrics.collect(() => {
    const totals = decodeLockReply(machine.query(lockQueries.totals()));
    const { waits, observers } = door.waiting();
    const gauge = (name: string, help: string, value: number) =>
      ({ kind: 'gauge', name: `quorate_lock_${name}`, help, value }) as const;
    const here = [
      gauge('waiting_requests', 'Requests that wait for locks at this member.', waits),
      gauge('observers', 'Observers of elections at this member.', observers),
    ];
    if (totals.kind !== 'totals') return here;
    return [
      ...here,
      gauge('sessions', 'Sessions that are open.', totals.sessions),
      gauge('names', 'Names of locks in use.', totals.locks),
      gauge('claims', 'Grants and waits of all locks.', totals.claims),
      gauge('newest_token', 'The token of the newest grant.', totals.token),
    ];
  });
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
