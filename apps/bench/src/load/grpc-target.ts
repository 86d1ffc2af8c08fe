import { Method } from '@quorate/kv/state-machine';
import { GrpcConnection } from './grpc-connection.ts';
import type { Target } from './target.ts';

const paths: ReadonlyMap<number, string> = new Map([
  [Method.put, '/etcdserverpb.KV/Put'],
  [Method.rangeQuery, '/etcdserverpb.KV/Range'],
]);

/** etcd's API: calls in turns over some connections, which are spread over the endpoints. One that was lost is made again at its next turn. */
export function grpcTarget({
  endpoints,
  connections,
}: {
  readonly endpoints: readonly string[];
  readonly connections: number;
}): Target {
  const urlOf = (place: number): string => endpoints[place % endpoints.length] ?? '';
  const open = Array.from({ length: connections }, (_, place) => new GrpcConnection(urlOf(place)));
  let turn = 0;
  return {
    send({ body }, done) {
      const path = paths.get(body[0] ?? 0);
      if (path === undefined) throw new RangeError(`no call of etcd's API is known for method ${body[0]}`);
      turn = (turn + 1) % connections;
      let connection = open[turn];
      if (connection === undefined || connection.isClosed) open[turn] = connection = new GrpcConnection(urlOf(turn));
      connection.call(path, body.subarray(1), done);
    },
    close() {
      for (const connection of open) connection.close();
      return Promise.resolve();
    },
  };
}
