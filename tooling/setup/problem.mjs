import process from 'node:process';

/** Something that the person at the keyboard can mend: shown without a stack. */
export class Problem extends Error {
  constructor(what, next) {
    super(what);
    this.name = 'Problem';
    this.next = next;
  }
}

/** Runs a program's main function; a `Problem` becomes two readable lines, everything else keeps its stack. */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    if (error.next !== undefined) process.stderr.write(`What to do: ${error.next}\n`);
  }
}
