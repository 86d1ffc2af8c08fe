/** How much a line matters. */
export type LogLevel = 'info' | 'warn' | 'error';

/** The fields of a line; plain values only. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A small structured logger. Equal messages are rate-limited; the fields of a suppressed line are lost, its count is not. */
export interface Logger {
  /** `message` is constant for a place in the code: what varies goes into the fields. */
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
