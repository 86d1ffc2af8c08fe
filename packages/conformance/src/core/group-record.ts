import type { Epoch, Index } from '@quorate/interface';
import { expectThat } from '../expectation.ts';

/** What a group has decided and who led it: the rules that no member can check alone. */
export class GroupRecord {
  /** Everything up to here was applied by somebody: a client may know of it. */
  acknowledged: Index = 0;
  /** Entries as the first member to apply each one saw it. */
  private readonly decided: Map<Index, string> = new Map();
  private readonly leaders: Map<string, string> = new Map();

  /** A member applied an entry. */
  noteApplied(member: number, index: Index, text: string): void {
    const known = this.decided.get(index);
    expectThat(
      known === undefined || known === text,
      () => `members apply the same entries (member ${member} at ${index}: ${text}, not ${known})`,
    );
    this.decided.set(index, text);
    this.acknowledged = Math.max(this.acknowledged, index);
  }

  /** One life of a member may propose. */
  noteReady(member: number, incarnation: number, epoch: Epoch): void {
    const key = `${epoch.round} ${epoch.owner}`;
    const who = `member ${member}, incarnation ${incarnation}`;
    const known = this.leaders.get(key);
    expectThat(known === undefined || known === who, () => `an epoch has one ready leader (epoch ${key}: ${who} and ${known})`);
    this.leaders.set(key, who);
  }

  get leadersSoFar(): number {
    return this.leaders.size;
  }

  /** The texts of all command entries that were decided, in order. */
  get commands(): readonly string[] {
    const indexes = [...this.decided.keys()].sort((a, b) => a - b);
    return indexes.map((index) => this.decided.get(index) ?? '').filter((text) => text.startsWith('command'));
  }
}
