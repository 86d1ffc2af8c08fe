/** Something that a reader of the result must know. */
export interface Warning {
  readonly code:
    | 'disturbed'
    | 'not-steady'
    | 'no-confidence'
    | 'machine'
    | 'load-generator'
    | 'durability'
    | 'lost-operations'
    | 'rate-missed';
  /** The cell that it is about; undefined: the whole run. */
  readonly cell: string | undefined;
  readonly text: string;
}

/** Something that the command could have measured, or that a reader may look for. */
export interface NotMeasured {
  readonly what: string;
  readonly why: string;
}
