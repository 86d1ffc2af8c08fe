import type { Ledger, Observer } from '@quorate/simulator';

interface Trace {
  readonly event?: string;
  readonly reason?: string;
  readonly from?: number;
}

/** ShouldNotBeTriggered: over links that are in order and complete, no message comes in a state in which it is illegal, and none is malformed. */
export function illegalMessages(ledger: Ledger): Observer {
  return {
    event(member, event) {
      if (event.type !== 'trace') return;
      for (const each of event.events) {
        const { event: name, reason, from } = each as Trace;
        if (name === 'illegal' || name === 'malformed')
          ledger.violate('ShouldNotBeTriggered', `member ${member.id} got from ${from ?? 'somebody'}: ${reason}`);
      }
    },
  };
}
