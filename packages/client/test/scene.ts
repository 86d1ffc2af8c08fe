import { decodeText, encodeText } from '@quorate/interface';
import type { ConsensusError, Transport } from '@quorate/interface';
import { createClient } from '../src/client.ts';
import type { Client } from '../src/client.ts';
import type { ClientOptions } from '../src/options.ts';
import { ClusterModel, FakeTransport, jsonCodec, MemberModel, VirtualHost } from './world.ts';

/** How one call ended. */
export interface Ending {
  readonly body: string;
  result?: string | undefined;
  code?: string | undefined;
  outcome?: string | undefined;
  text?: string | undefined;
  told: number;
  atMs?: number;
}

/** A client in front of a model cluster in virtual time. */
export interface Scene {
  readonly host: VirtualHost;
  readonly cluster: ClusterModel;
  readonly members: readonly MemberModel[];
  readonly transport: FakeTransport;
  readonly client: Client;
  readonly send: (body: string, timeoutMs?: number) => Ending;
  readonly ask: (body: string, timeoutMs?: number) => Ending;
}

/** What a scene is besides the client's options. */
export interface SceneOptions {
  readonly members?: number;
  readonly seed?: number;
  readonly delivery?: Transport['delivery'];
}

export function scene(options: Partial<ClientOptions> & SceneOptions = {}): Scene {
  const host = new VirtualHost(options.seed);
  const members = Array.from({ length: options.members ?? 1 }, (_, place) => new MemberModel(place + 1));
  const cluster = new ClusterModel();
  const transport = new FakeTransport(host, members, cluster, options.delivery);
  cluster.repeats = options.delivery === 'datagram';
  const { members: _count, seed: _seed, delivery: _delivery, ...rest } = options;
  const client = createClient({ endpoints: members.map(({ url }) => url), transport, host, codec: jsonCodec, ...rest });
  const watch = (
    body: string,
  ): { ending: Ending; done: (error: ConsensusError | undefined, result: Uint8Array | undefined) => void } => {
    const ending: Ending = { body, told: 0 };
    const done = (error: ConsensusError | undefined, result: Uint8Array | undefined): void => {
      ending.told++;
      ending.result = result === undefined ? undefined : decodeText(result);
      ending.code = error?.code;
      ending.outcome = error?.outcome;
      ending.text = error?.message;
      ending.atMs = host.monotonicMs();
    };
    return { ending, done };
  };
  return {
    host,
    cluster,
    members,
    transport,
    client,
    send: (body, timeoutMs = 5000) => {
      const { ending, done } = watch(body);
      client.submit(encodeText(body), host.monotonicMs() + timeoutMs, done);
      return ending;
    },
    ask: (body, timeoutMs = 5000) => {
      const { ending, done } = watch(body);
      client.query(encodeText(body), { consistency: 'linearizable', deadlineMs: host.monotonicMs() + timeoutMs }, done);
      return ending;
    },
  };
}
