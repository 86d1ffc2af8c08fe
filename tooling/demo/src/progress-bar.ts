/** Shows how far a run of known length is: one line that is redrawn on a terminal, a line every few seconds elsewhere. */
export interface ProgressBar {
  update(fraction: number, text: string): void;
  /** Prints a line above the bar. */
  note(text: string): void;
  done(): void;
}

const barWidth = 28;
const plainIntervalMs = 2_500;

/** A bar on `stream`. */
export function createProgressBar(stream: NodeJS.WriteStream): ProgressBar {
  let drawn = false;
  let lastPlainMs = 0;
  const clear = (): void => {
    if (drawn) stream.write('\r\u001b[2K');
    drawn = false;
  };
  return {
    update(fraction, text) {
      const filled = Math.round(Math.min(1, Math.max(0, fraction)) * barWidth);
      const percent = `${Math.round(fraction * 100)}%`.padStart(4);
      if (stream.isTTY) {
        stream.write(`\r\u001b[2K  [${'█'.repeat(filled)}${'·'.repeat(barWidth - filled)}]${percent}  ${text}`);
        drawn = true;
      } else if (performance.now() - lastPlainMs >= plainIntervalMs) {
        lastPlainMs = performance.now();
        stream.write(`  ${percent}  ${text}\n`);
      }
    },
    note(text) {
      clear();
      stream.write(`${text}\n`);
    },
    done: clear,
  };
}
