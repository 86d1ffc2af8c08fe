/** What a flag's value must be. A `list` is comma-separated. */
export type FlagKind = 'text' | 'list' | 'integer' | 'switch' | 'choice';

/** One flag of a command; also the environment variable `QUORATE_` + its name in capitals with underscores. */
export interface FlagDefinition {
  /** Without the two dashes. */
  readonly name: string;
  readonly kind: FlagKind;
  /** As it would be typed. An empty text: not set. */
  readonly default: string;
  /** One line for `--help`, with the unit. */
  readonly help: string;
  /** How `--help` shows the value; one that fits the kind if absent. */
  readonly placeholder?: string;
  /** For `choice`: what is allowed. */
  readonly choices?: readonly string[];
  /** For `integer`: both inclusive. */
  readonly min?: number;
  readonly max?: number;
}

/** A flag's value after parsing. */
export type FlagValue = string | number | boolean | readonly string[];
