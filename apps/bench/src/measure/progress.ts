/** Where a command says how far it is. */
export interface Progress {
  /** More steps are known, and how long one is expected to take. */
  expect(steps: number, secondsEach: number): void;
  /** A step begins: what it does. */
  begin(text: string): void;
  /** The step is done. */
  done(): void;
  /** Steps that will not be taken. */
  skip(steps: number): void;
  /** A line that stays. */
  note(text: string): void;
}
