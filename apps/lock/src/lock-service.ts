import { readFileSync } from 'node:fs';
import type { ServiceDefinition } from '@quorate/server';
import { lockStateMachine } from './machine/lock-state-machine.ts';

/** The lock service as a service, as yet without a door for clients. `runService(lockService())` is the whole command. */
export function lockService(): ServiceDefinition {
  return {
    name: 'quorate-lock',
    version: packageVersion(),
    description: 'A member of a replicated lock service.',
    defaults: {
      listenClientUrls: 'http://127.0.0.1:2281',
      listenPeerUrls: 'tcp://127.0.0.1:2888',
      clientSchemes: ['http'],
    },
    createStateMachine: () => lockStateMachine(),
    openDoors: async () => [],
  };
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
