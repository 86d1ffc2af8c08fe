import process from 'node:process';

const redrawMs = 200;
const clearLine = '\r\x1b[K';

/** One line of progress, marked so that it stands out from the tools' own output. */
export function say(line, out = process.stdout) {
  out.write(`· ${line}\n`);
}

/**
 * Says what goes on while `work` runs, and how long it took. `work` is given a function that takes what is being worked on. A
 * terminal sees it, with the time, in one line that changes; a log gets one line at the beginning and one at the end.
 *
 * @template T
 * @param {string} text
 * @param {(at: (current: string) => void) => Promise<T>} work
 * @param {{ readonly isTTY?: boolean, write(text: string): unknown }} [out]
 * @returns {Promise<T>}
 */
export async function during(text, work, out = process.stdout) {
  const startedMs = performance.now();
  const seconds = () => `${Math.round((performance.now() - startedMs) / 1000)} s`;
  let detail = '';
  const redraw = () => out.write(`${clearLine}· ${text}${detail} (${seconds()})`);
  const timer = out.isTTY === true ? setInterval(redraw, redrawMs) : undefined;
  if (timer === undefined) say(text, out);
  try {
    const result = await work((current) => {
      detail = `: ${current}`;
    });
    if (timer !== undefined) out.write(clearLine);
    say(`${text}: done in ${seconds()}`, out);
    return result;
  } catch (error) {
    if (timer !== undefined) out.write(clearLine);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
