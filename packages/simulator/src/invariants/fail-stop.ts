import type { MemberId } from '@quorate/interface';
import type { Ledger } from '../evidence/ledger.ts';
import type { Observer } from '../evidence/observer.ts';

/** Codes with which a member may end because of an injected fault. */
const faultCodes = /^E_(DISK|DATA|JOURNAL|SNAP|IDENTITY|LOG|SEGMENT|STOPPED)_?/u;

/** I-21: who fails says a named code and then nothing more; nobody fails without a fault that was injected there, and none contradicts the others. */
export function failStop(ledger: Ledger, mayFail: (member: MemberId) => boolean): Observer {
  const failed = new Set<string>();
  const hasFailed = (id: MemberId, lives: number): boolean => failed.size > 0 && failed.has(`${id}/${lives}`);
  return {
    event(member, event) {
      if (event.type !== 'fatal') return;
      failed.add(`${member.id}/${member.lives}`);
      judge(member.id, event.failure.code, event.failure.text);
    },
    appended(member) {
      if (hasFailed(member.id, member.lives)) ledger.violate('I-21', `member ${member.id} goes on writing after it failed`);
    },
    drained(member) {
      if (hasFailed(member.id, member.lives)) ledger.violate('I-21', `member ${member.id} goes on after it failed`);
    },
    ended(member, end) {
      if (end.how === 'exit' && end.code !== undefined) judge(member.id, end.code, end.text ?? '');
    },
  };

  function judge(id: MemberId, code: string, text: string): void {
    if (code === 'E_INTERNAL' || code === 'E_DIVERGED') ledger.violate('I-21', `member ${id} fails with ${code}: ${text}`);
    else if (!mayFail(id))
      ledger.violate('I-21', `member ${id} fails with ${code} although nothing was wrong with its disk: ${text}`);
    else if (!faultCodes.test(code))
      ledger.violate('I-21', `member ${id} fails with ${code}, which is no code of a fault: ${text}`);
  }
}
