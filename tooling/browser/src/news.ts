import type { RunChoice, RunTold } from './run.ts';

/** What the worker tells its page: first what it runs, then how far it is, then how it went. */
export type News =
  | { readonly chosen: RunChoice; readonly protocols: readonly string[] }
  | { readonly progressMs: number }
  | { readonly told: RunTold }
  | { readonly refused: string };
