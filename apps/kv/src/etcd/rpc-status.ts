/** gRPC status codes. */
export const Code = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/** A gRPC failure as the client reads it. */
export interface RpcStatus {
  readonly code: number;
  readonly text: string;
  /** The two trailers of the wire. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** A failure; keep those that are constant, their trailers are built once. */
export function rpcStatus(code: number, text: string): RpcStatus {
  return { code, text, trailers: { 'grpc-status': String(code), 'grpc-message': percentEncode(text) } };
}

// The gRPC protocol: printable ASCII but % stays, everything else is percent-encoded UTF-8.
function percentEncode(text: string): string {
  return text.replace(/[^ -$&-~]+/g, (run) => Buffer.from(run, 'utf8').toString('hex').replace(/../g, '%$&').toUpperCase());
}
