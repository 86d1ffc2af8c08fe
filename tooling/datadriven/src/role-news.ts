import type { Effects, MemberId } from '@quorate/interface';
import type { ClusterInvariants } from './cluster-invariants.ts';
import { formatConfig, formatRole } from './format.ts';
import type { Observer } from './observation.ts';
import type { Transcript } from './transcript.ts';

/** Tells changes of role and configuration of one process, each once. */
export class RoleNews<M> {
  readonly #member: MemberId;
  readonly #invariants: ClusterInvariants;
  readonly #transcript: Transcript;
  readonly #observe: Observer<M>;
  #role = '';
  #config = '';

  constructor(member: MemberId, invariants: ClusterInvariants, transcript: Transcript, observe: Observer<M>) {
    this.#member = member;
    this.#invariants = invariants;
    this.#transcript = transcript;
    this.#observe = observe;
  }

  tell({ role, config }: Effects<M>): void {
    if (role !== undefined) {
      if (role.ready) this.#invariants.ready(this.#member, role.epoch);
      const text = formatRole(this.#member, role);
      if (text !== this.#role) {
        this.#transcript.news(`${this.#member} is ${text}`);
        this.#observe({ what: 'role', member: this.#member, role: { ...role } });
      }
      this.#role = text;
    }
    if (config !== undefined) {
      const text = `${config.stage} at ${config.index}: ${formatConfig(config.config)}`;
      if (text !== this.#config) this.#transcript.news(`${this.#member} has configuration ${text}`);
      this.#config = text;
    }
  }
}
