const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 };

/** The milliseconds of a `grpc-timeout` header; Infinity where there is none or it is malformed. */
export function grpcTimeoutMs(header: string | undefined): number {
  if (header === undefined || header.length < 2 || header.length > 9) return Infinity;
  const unit = unitMs[header.slice(-1)];
  const amount = Number(header.slice(0, -1));
  return unit === undefined || !Number.isInteger(amount) || amount < 0 ? Infinity : amount * unit;
}
