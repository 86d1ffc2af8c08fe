import { isGood } from './score.mjs';

/** One line per mutation, as soon as its fate is known. */
export function resultLine(result, { done, total }) {
  const { mutation, fate } = result;
  const count = `[${String(done).padStart(String(total).length)}/${total}]`;
  return `${count} ${isGood(result) ? '✓' : '✗'} ${mutation.id.padEnd(38)} ${fateText(result)}${fate === 'killed' ? ` ${killer(result)}` : ''}`;
}

function fateText({ mutation, fate, ms, about }) {
  const time = seconds(ms);
  switch (fate) {
    case 'killed':
      return mutation.harmless ? `KILLED although it changes nothing, ${time}` : `killed in ${time}`;
    case 'survived':
      return mutation.harmless ? `survives, as it must (${about}; ${time})` : `SURVIVED ${about} (${time})`;
    case 'stale':
      return about;
    case 'broken':
      return `DOES NOT LOAD: ${about}`;
    default:
      return `UNDECIDED: it ${about}, and so may the suite without it`;
  }
}

function killer({ suite, about }) {
  return `by ${suite}: ${about.length > 110 ? `${about.slice(0, 109)}…` : about}`;
}

/** The end of a run: what to do about each failure, then the score and the times. */
export function summaryLines(score, totalMs) {
  const { mutations, killed, nullPatches, spared, medianMs, worst, failures } = score;
  const lines = failures.map(({ mutation, fate }) => `✗ ${mutation.id} (${mutation.file}): ${advice(mutation, fate)}`);
  const percent = mutations === 0 ? '' : ` (${Math.floor((100 * killed) / mutations)} %)`;
  lines.push(`in ${seconds(totalMs)}`);
  lines.push(`${killed} of ${mutations} mutations killed${percent}, ${spared} of ${nullPatches} null patches spared`);
  const times = worst === undefined ? 'none' : `median ${seconds(medianMs)}, worst ${seconds(worst.ms)} (${worst.mutation.id})`;
  lines.push(`time to kill: ${times}`);
  return lines;
}

function advice(mutation, fate) {
  switch (fate) {
    case 'survived':
      return 'no test sees this bug. Write one, in the package that it belongs to';
    case 'killed':
      return 'a test demands what nobody promised. Mend the test';
    case 'stale':
      return 'the source has changed. Find the new place, or drop the mutation if the bug cannot be made any more';
    case 'broken':
      return 'the patched source is no program. Mend the mutation';
    default:
      return 'run it again with fewer jobs or a higher limit';
  }
}

export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
