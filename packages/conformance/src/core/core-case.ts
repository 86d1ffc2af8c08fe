import type { CoreCapability, CoreSubject } from './core-subject.ts';

/** A case before it is given a core. Generic in the core's messages, which no case looks into. */
export interface CoreCase {
  readonly name: string;
  readonly needs: readonly CoreCapability[];
  readonly check: <M>(subject: CoreSubject<M>) => void;
}
