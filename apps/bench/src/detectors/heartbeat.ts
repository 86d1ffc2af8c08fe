/** One heartbeat on its way. */
export interface Heartbeat {
  /** Which of the intervals it belongs to. */
  readonly place: number;
  /** Its number in the schedule of its sender. */
  readonly sequence: number;
  readonly sentMs: number;
}

const bytes = 13;

/** The frame of a heartbeat. */
export function encodeHeartbeat({ place, sequence, sentMs }: Heartbeat): Uint8Array {
  const frame = new Uint8Array(bytes);
  const view = new DataView(frame.buffer);
  view.setUint8(0, place);
  view.setUint32(1, sequence);
  view.setFloat64(5, sentMs);
  return frame;
}

/** The heartbeat of a frame. */
export function decodeHeartbeat(frame: Uint8Array): Heartbeat {
  if (frame.length !== bytes) throw new RangeError(`a heartbeat of ${frame.length} bytes`);
  const view = new DataView(frame.buffer, frame.byteOffset, bytes);
  return { place: view.getUint8(0), sequence: view.getUint32(1), sentMs: view.getFloat64(5) };
}

/** A schedule: `at` tells when number k is due. A sender that comes late sends the last that is due, and goes on with the next. */
export class HeartbeatSchedule {
  readonly #firstMs: number;
  readonly #intervalMs: number;
  #sent = -1;

  constructor(firstMs: number, intervalMs: number) {
    this.#firstMs = firstMs;
    this.#intervalMs = intervalMs;
  }

  /** When the next one is due. */
  get dueMs(): number {
    return this.#firstMs + (this.#sent + 1) * this.#intervalMs;
  }

  /** The number that is sent at `nowMs`. A timer may fire a little early. */
  take(nowMs: number): number {
    const due = Math.floor((nowMs - this.#firstMs) / this.#intervalMs);
    this.#sent = Math.max(this.#sent + 1, due);
    return this.#sent;
  }
}
