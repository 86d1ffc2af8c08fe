import { LockClientError } from './lock-client-error.ts';
import { onAbort } from './pause.ts';

/** A place in the queue of a name inside one client. */
export interface GatePlace {
  /** The lock is held: readers behind it may go on. */
  granted(): void;
  /** The lock is held no more, or was not got. */
  leave(): void;
}

interface Place {
  readonly shared: boolean;
  granted: boolean;
  enter: () => void;
}

interface Gate {
  readonly inside: Set<Place>;
  readonly queue: Place[];
}

/** How somebody comes to a gate. */
export interface Arrival {
  readonly shared: boolean;
  /** Refused where the gate is taken. */
  readonly tryOnly: boolean;
  readonly signal: AbortSignal;
}

/**
 * The members know sessions and not who asks in them: to them a second request of a session for a lock that it holds is the same
 * holder. So the callers of one client meet here, in the order in which they came, and only the first asks. Readers hold together.
 */
export class NameGates {
  private readonly gates = new Map<string, Gate>();

  /** Rejects with `E_LOCK_HELD`, or the reason of the signal. */
  enter(name: string, { shared, tryOnly, signal }: Arrival): Promise<GatePlace> {
    const gate = this.gates.get(name) ?? { inside: new Set(), queue: [] };
    this.gates.set(name, gate);
    const place: Place = { shared, granted: false, enter: () => undefined };
    const handle: GatePlace = {
      granted: () => {
        place.granted = true;
        this.admit(name, gate);
      },
      leave: () => {
        gate.inside.delete(place);
        this.admit(name, gate);
      },
    };
    if (gate.queue.length === 0 && mayEnter(gate, place)) {
      gate.inside.add(place);
      return Promise.resolve(handle);
    }
    if (tryOnly) {
      return Promise.reject(
        new LockClientError('E_LOCK_HELD', 'the lock is held by this client. Try again later.', 'not-applied'),
      );
    }
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        gate.queue.splice(gate.queue.indexOf(place), 1);
        this.admit(name, gate);
        reject(signal.reason as Error);
      };
      place.enter = () => {
        forget();
        resolve(handle);
      };
      gate.queue.push(place);
      const forget = onAbort(signal, abort);
    });
  }

  private admit(name: string, gate: Gate): void {
    for (let first = gate.queue[0]; first !== undefined && mayEnter(gate, first); first = gate.queue[0]) {
      gate.queue.shift();
      gate.inside.add(first);
      first.enter();
    }
    if (gate.inside.size === 0 && gate.queue.length === 0 && this.gates.get(name) === gate) this.gates.delete(name);
  }
}

/** A reader joins readers that hold already: the members take one that waits per session and name. */
function mayEnter({ inside }: Gate, { shared }: Place): boolean {
  for (const place of inside) if (!shared || !place.shared || !place.granted) return false;
  return true;
}
