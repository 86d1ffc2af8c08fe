/** One line of a page in the Prometheus text format. */
export interface MetricLine {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const linePattern = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/u;
const labelPattern = /(\w+)="((?:[^"\\]|\\.)*)"/gu;

/** Reads a page; lines that are none are left out. */
export function parseMetrics(text: string): readonly MetricLine[] {
  return text.split('\n').flatMap((line) => {
    const found = linePattern.exec(line);
    if (found === null) return [];
    const [, name = '', labelText = '', value = ''] = found;
    const labels = Object.fromEntries([...labelText.matchAll(labelPattern)].map(([, key = '', word = '']) => [key, word]));
    return [{ name, labels, value: Number(value) }];
  });
}

/** The sum of all lines of a name; undefined where there is none. */
export function sumOf(lines: readonly MetricLine[], name: string): number | undefined {
  const found = lines.filter((line) => line.name === name);
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/** The lines of a name by one of their labels. */
export function byLabel(lines: readonly MetricLine[], name: string, label: string): Readonly<Record<string, number>> | undefined {
  const found = lines.filter((line) => line.name === name);
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(({ labels, value }) => [labels[label] ?? '', value]));
}
