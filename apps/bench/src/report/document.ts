import type { Chart } from './chart/chart.ts';

/** What a report says, before anybody decides how it looks. All text is plain: whoever renders it escapes it. */
export interface ReportDocument {
  readonly title: string;
  readonly subtitle: string;
  readonly sections: readonly Section[];
}

/** A chapter of a report. */
export interface Section {
  /** Unique in a report; letters and hyphens. */
  readonly id: string;
  readonly heading: string;
  readonly blocks: readonly Block[];
  /** True: it belongs to the few lines that a terminal shows at the end of a run. */
  readonly brief: boolean;
}

/** What chapters are made of. */
export type Block = Prose | Statements | Table | Figures | Checks | Facts;

/** A paragraph. */
export interface Prose {
  readonly kind: 'prose';
  readonly text: string;
}

/** Conclusions, the most important first. */
export interface Statements {
  readonly kind: 'statements';
  readonly items: readonly Statement[];
}

/** One conclusion. `difference`: found, with confidence. `none`: looked for and not found. `unranked`: the figures are not good enough to say. */
export interface Statement {
  readonly weight: 'difference' | 'none' | 'unranked';
  readonly text: string;
  /** How sure that is, and by what. */
  readonly confidence: string;
}

/** Rows and columns. */
export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** How many columns, from the first text on, say which row it is. Default 1. */
  readonly keys?: number;
  /** True: for readers who want to know; a page folds it away, a terminal leaves it out. */
  readonly detail?: boolean;
  /** True: a terminal leaves it out, because a sentence near it says what matters there. */
  readonly pageOnly?: boolean;
}

/** Text stands left, figures right. */
export interface Column {
  readonly name: string;
  readonly align: 'left' | 'right';
}

/** One row. A figure that must not be ranked looks like one. */
export interface Row {
  readonly cells: readonly Cell[];
  readonly unranked?: boolean;
}

/** Plain; or one that is not where theory has it; or one that says nothing, such as a ratio that may as well be 1. */
export type Cell = string | { readonly text: string; readonly flag: 'deviates' | 'unranked' };

/** Charts beside each other. Tables near them hold the same figures: text formats leave charts out. */
export interface Figures {
  readonly kind: 'figures';
  readonly charts: readonly Chart[];
  /** How to read them. */
  readonly note?: string;
}

/** Things that were looked at. */
export interface Checks {
  readonly kind: 'checks';
  readonly items: readonly Check[];
}

/** One reason to doubt, or one that was looked for and not found. */
export interface Check {
  readonly state: 'doubt' | 'fine' | 'unknown';
  readonly name: string;
  readonly text: string;
}

/** Names and values. */
export interface Facts {
  readonly kind: 'facts';
  readonly items: readonly { readonly name: string; readonly value: string }[];
}

/** The text of a cell. */
export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** A paragraph. */
export function prose(text: string): Prose {
  return { kind: 'prose', text };
}

/** Columns from names; a name that begins with `>` is of figures. */
export function columns(...names: readonly string[]): readonly Column[] {
  return names.map((name) =>
    name.startsWith('>') ? { name: name.slice(1), align: 'right' as const } : { name, align: 'left' as const },
  );
}
