/** Why a call of the client failed. Test `code`: those of the door, `E_TIMEOUT`, `E_ABORTED`, `E_CLOSED` or `E_UNAVAILABLE`. */
export class LockClientError extends Error {
  override readonly name = 'LockClientError';
  readonly code: string;
  /** `unknown`: it may have taken effect, or still may. */
  readonly outcome: 'not-applied' | 'unknown';

  constructor(code: string, text: string, outcome: 'not-applied' | 'unknown', options?: ErrorOptions) {
    super(text.startsWith(code) ? text : `${code}: ${text}`, options);
    this.code = code;
    this.outcome = outcome;
  }
}
