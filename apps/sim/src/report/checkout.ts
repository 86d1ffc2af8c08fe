import { execFileSync } from 'node:child_process';

/** Where the code comes from: a failure is one of this commit. */
export interface Checkout {
  /** `unknown` outside of a checkout. */
  readonly commit: string;
  /** Files differ from the commit. */
  readonly dirty: boolean;
}

/** Asks git about the folder that this program is in. */
export function checkoutOf(directory: string): Checkout {
  const git = (...words: readonly string[]): string | undefined => {
    try {
      return execFileSync('git', words, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // No git, or no checkout: an installed package.
      return undefined;
    }
  };
  const commit = git('rev-parse', 'HEAD');
  if (commit === undefined) return { commit: 'unknown', dirty: false };
  return { commit, dirty: git('status', '--porcelain') !== '' };
}

/** As it is printed: `0123abc`, `0123abc (dirty)`. */
export function describeCheckout({ commit, dirty }: Checkout): string {
  return `${commit.slice(0, 12)}${dirty ? ' (dirty)' : ''}`;
}
