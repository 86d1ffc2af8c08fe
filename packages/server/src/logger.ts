/** How much a line matters. */
export type LogLevel = 'info' | 'warn' | 'error';

/** The fields of a line; plain values only. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A small structured logger. Equal messages are rate-limited; the fields of a suppressed line are lost, its count is not. */
export interface Logger {
  /** `message` is constant for a place in the code, or begins with an error's name: what varies goes into the fields. */
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What a logger needs. */
export interface LoggerOptions {
  readonly format: 'text' | 'json';
  /** Takes one whole line, with its end. */
  readonly write: (line: string) => void;
  readonly wallMs: () => number;
}

/** Lines of one kind in one window; more are counted and not written. */
const linesPerWindow = 10;
const windowMs = 10_000;
/** Kinds that are told apart; beyond it the windows of all begin anew. */
const kindsKept = 512;

interface Window {
  beganMs: number;
  written: number;
  suppressed: number;
}

/** A logger that writes one line per call, in text or JSON. Never throws. */
export function createLogger({ format, write, wallMs }: LoggerOptions): Logger {
  const windows = new Map<string, Window>();
  const log = (level: LogLevel, message: string, fields: LogFields): void => {
    const nowMs = wallMs();
    const window = windowOf(windows, kindOf(level, message), nowMs);
    if (window.written >= linesPerWindow) {
      window.suppressed++;
      return;
    }
    window.written++;
    const suppressed = window.suppressed === 0 ? undefined : window.suppressed;
    window.suppressed = 0;
    const all = { ...fields, suppressed };
    write(
      format === 'json' ? jsonLine(level, message, { nowMs, fields: all }) : textLine(level, message, { nowMs, fields: all }),
    );
  };
  return {
    info: (message, fields = {}) => log('info', message, fields),
    warn: (message, fields = {}) => log('warn', message, fields),
    error: (message, fields = {}) => log('error', message, fields),
  };
}

function kindOf(level: LogLevel, message: string): string {
  return `${level} ${/^E_[A-Z_]+/u.exec(message)?.[0] ?? message}`;
}

function windowOf(windows: Map<string, Window>, kind: string, nowMs: number): Window {
  let window = windows.get(kind);
  if (window === undefined) {
    if (windows.size >= kindsKept) windows.clear();
    window = { beganMs: nowMs, written: 0, suppressed: 0 };
    windows.set(kind, window);
  }
  // A wall clock may jump: any distance begins a new window.
  if (Math.abs(nowMs - window.beganMs) >= windowMs) {
    window.beganMs = nowMs;
    window.written = 0;
  }
  return window;
}

interface Line {
  readonly nowMs: number;
  readonly fields: LogFields;
}

function jsonLine(level: LogLevel, message: string, { nowMs, fields }: Line): string {
  return `${JSON.stringify({ time: new Date(nowMs).toISOString(), level, message, ...withoutSecrets(fields) })}\n`;
}

function textLine(level: LogLevel, message: string, { nowMs, fields }: Line): string {
  const parts = [new Date(nowMs).toISOString(), level.padEnd(5), oneLine(message)];
  for (const [name, value] of Object.entries(withoutSecrets(fields))) {
    if (value !== undefined) parts.push(`${name}=${typeof value === 'string' ? quoted(value) : value}`);
  }
  return `${parts.join(' ')}\n`;
}

function quoted(value: string): string {
  return /^[\w./:,@+-]+$/u.test(value) ? value : JSON.stringify(value);
}

// Remote input can reach a line: it must not forge a second one.
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

function withoutSecrets(fields: LogFields): LogFields {
  const shown: Record<string, string | number | boolean | undefined> = {};
  for (const [name, value] of Object.entries(fields))
    shown[name] = /password|secret|credential/iu.test(name) ? '(not shown)' : value;
  return shown;
}
