import type { MemberId, TransportHandlers } from '@quorate/interface';

// One report per kind of trouble and other end in this time; a member that is down for an hour must not fill the log.
const quietMs = 10_000;
const maxKinds = 1_024;

/** Reports trouble, but the same kind from the same end only now and then. */
export interface TroubleLog {
  /** `text` has the form `E_NAME: text`; the kind is its name. `where` names the other end if no member is known. */
  report(peer: MemberId | undefined, where: string, text: string): void;
}

/** A log that has reported nothing yet. */
export function createTroubleLog(monotonicMs: () => number, trouble: TransportHandlers['trouble']): TroubleLog {
  const kinds = new Map<string, { readonly until: number; withheld: number }>();
  return {
    report(peer, where, text) {
      const now = monotonicMs();
      const name = text.slice(0, Math.max(text.indexOf(':'), 0));
      // Without the port: every connection of a stranger has another one.
      const key = `${peer ?? where.slice(0, where.lastIndexOf(':'))} ${name}`;
      const known = kinds.get(key);
      if (known !== undefined && now < known.until) {
        known.withheld++;
        return;
      }
      if (kinds.size >= maxKinds) kinds.clear();
      kinds.set(key, { until: now + quietMs, withheld: 0 });
      const more = known !== undefined && known.withheld > 0 ? ` (${known.withheld} more like this since the last report)` : '';
      trouble(peer, `${text} [${where}]${more}`);
    },
  };
}
