/** What a strategy knows of one peer. The detector around it keeps deadlines, statuses and stalls. */
export interface Estimator {
  /**
   * Takes in a heartbeat and answers until when the next one may take, on the host's clock. Where `counts` is false its time says more
   * about this process than about the peer, and must not be learned from.
   */
  beat(atMs: number, sequence: number | undefined, counts: boolean): number;
  /** What lies between two heartbeats, as far as it is known. */
  readonly intervalMs: number;
  /** How suspicious a silence of `silentMs` is, where `allowedMs` may pass. Rises with the silence. */
  level(silentMs: number, allowedMs: number): number;
}

/** What a strategy tells the detector that runs it. */
export interface Judgement {
  readonly threshold: number;
  /** How long a peer may take to its first heartbeat where nobody says otherwise. */
  readonly firstTimeoutMs: number;
  /** `timeoutMs`: what the first heartbeat may take. */
  estimator(timeoutMs: number): Estimator;
}
