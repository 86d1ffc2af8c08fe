/** Milliseconds of a clock that all processes of a machine share, and that nobody sets. */
export function machineClock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
