/** A host and port. `host` has no brackets, also for IPv6. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

const pattern = /^tcp:\/\/(?:\[([0-9a-fA-F:.]+(?:%[^\]/]+)?)\]|([^\s:/[\]]+)):(\d{1,5})\/?$/;

/** Reads `tcp://host:port` or `tcp://[address]:port`; undefined where it is neither. */
export function parseTcpUrl(url: string): TcpAddress | undefined {
  const match = pattern.exec(url);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

/** The URL of an address. */
export function formatTcpUrl(address: TcpAddress): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `tcp://${host}:${address.port}`;
}
