import type { Protocol, Subject } from './cores.ts';

/** What a story found out, in plain words and numbers. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

/** One difference that a test can see, and what each protocol must show of it. */
export interface Row {
  readonly id: string;
  readonly differs: string;
  /** Runs the story on a core. It knows what the core's messages are called, not which column they will be judged by. */
  observe(subject: Subject): Facts;
  readonly expected: Readonly<Record<Protocol, Facts>>;
}
