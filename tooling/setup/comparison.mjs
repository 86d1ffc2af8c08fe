import { join } from 'node:path';

/** What `npm start -- --help` shows. */
export const startHelp = `npm start [-- flags]

Sets everything up, builds, and compares Raft, Multi-Paxos and ZAB: a key-value store and a lock service, each as three real
processes with files on disk, in two rounds, and a leader killed in each. It takes two to three minutes after the build,
prints one table, and writes the report to report/: a page (HTML), Markdown and JSON. Two rounds rank nothing.

  --protocol P     only this protocol: raft, multi-paxos or zab; several with commas
  --verbose        prints the whole report
  --help           this text

All other flags go to "quorate-bench compare --short"; "node apps/bench/bin/quorate-bench.mjs compare --help" shows them
after a build. Exit codes: 0 measured, 1 something could not be measured, 64 usage, 130 interrupted.

The long comparison: node apps/bench/bin/quorate-bench.mjs compare --json report/long.json --html report/long.html
That no acknowledged write is lost when a leader dies: npm run demo
`;

/**
 * The command of `quorate-bench` for what was typed behind `npm start --`, and the files of ours that it writes.
 *
 * @param {readonly string[]} args
 * @param {{ reportFolder: string, directory: string }} folders
 */
export function comparison(args, { reportFolder, directory }) {
  const verbose = args.includes('--verbose');
  const typed = args.filter((arg) => arg !== '--verbose').map((arg) => arg.replace(/^--protocol(?==|$)/, '--protocols'));
  const isTyped = (name) => typed.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  const ours = {
    html: join(reportFolder, 'report.html'),
    markdown: join(reportFolder, 'report.md'),
    json: join(reportFolder, 'report.json'),
    directory,
  };
  const added = Object.entries(ours).filter(([name]) => !isTyped(name));
  const preset = isTyped('quick') ? [] : ['--short'];
  return {
    command: [
      'compare',
      ...preset,
      ...(verbose ? [] : ['--summary']),
      ...added.map(([name, value]) => `--${name}=${value}`),
      ...typed,
    ],
    files: added.filter(([name]) => name !== 'directory').map(([, file]) => file),
  };
}
