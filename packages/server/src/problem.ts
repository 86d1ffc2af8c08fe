import type { ExitCode } from '@quorate/interface';

/** Something wrong with what the operator asked for. `text` has the form "what is wrong (field, got, allowed). What to do." */
export interface Problem {
  readonly code: string;
  readonly text: string;
  /** 64: the command line cannot be understood. 78: it can, and makes no sense. */
  readonly exit: Extract<ExitCode, 64 | 78>;
}

/** The command line cannot be understood. */
export function usageProblem(code: string, text: string): Problem {
  return { code, text, exit: 64 };
}

/** The configuration makes no sense. */
export function configProblem(code: string, text: string): Problem {
  return { code, text, exit: 78 };
}
