// Tenures: what a leader decides by its own clock.
const folder = 'packages/replica/src';
const suites = ['replica'];
const first = ['test/tenure.test.ts'];

export const mutations = [
  {
    id: 'tenure-void-commands-act',
    title: 'What a deposed leader decided acts when Multi-Paxos chooses it later, after a renewal',
    file: `${folder}/apply.ts`,
    find: `reader.kind === envelopeKinds.tenureCommand && reader.tenure !== this.tenure`,
    replace: `reader.kind === envelopeKinds.tenureCommand && reader.tenure > this.tenure`,
    suites,
    first,
  },
  {
    id: 'tenure-forgotten-by-snapshots',
    title: 'A member that was restored takes every command of the current tenure for void, and its state is another one',
    file: `${folder}/apply.ts`,
    find: `    this.tenure = state.tenure;`,
    replace: ``,
    suites,
    first,
  },
  {
    id: 'tenure-begins-before-it-is-applied',
    title: 'Duties begin when the beginning is proposed: with a number that no log knows',
    file: `${folder}/tenure-keeper.ts`,
    find: `    this.wanted = true;
    this.propose();`,
    replace: `    this.wanted = true;
    this.start();
    this.propose();`,
    suites,
    first,
  },
  {
    id: 'tenure-timers-outlive-it',
    title: 'A deposed leader goes on to decide by its timers',
    file: `${folder}/tenure-keeper.ts`,
    find: `for (const timer of timers) timer.cancel();`,
    replace: ``,
    suites,
    first,
  },
  {
    id: 'tenure-proposes-after-its-end',
    title: 'A duty that kept its tenure proposes after it ended',
    file: `${folder}/tenure-keeper.ts`,
    find: `        if (over) return;
        proposals.submit({`,
    replace: `        proposals.submit({`,
    suites,
    first,
  },
  {
    id: 'tenure-commands-wait-for-another-term',
    title: 'A refused decision is kept and handed to whoever leads next',
    file: `${folder}/proposals.ts`,
    find: `    if ((at(waiters.flags, slot) & waiterFlags.tenured) !== 0) return this.giveUpDuty(sequence);
`,
    replace: ``,
    suites,
    first,
  },
  {
    id: 'tenure-waiting-commands-kept',
    title: 'What waits under a tenure is forwarded to the leader that ended it',
    file: `${folder}/tenure-keeper.ts`,
    find: `    this.proposals.giveUpDuties();`,
    replace: ``,
    suites,
    first,
  },
  {
    id: 'tenure-forwarded-beginning-accepted',
    title: 'A member begins a tenure in the name of the leader, whose own decisions are void from then on',
    file: `${folder}/forwarding.ts`,
    find: `if (isTenured(reader.kind)) return false;`,
    replace: ``,
    suites,
    first: ['test/links.test.ts'],
  },
  {
    id: 'tenure-refused-beginning-given-up',
    title: 'A leader whose beginning was refused once has no duties for the rest of its term, and no session ever ends',
    file: `${folder}/tenure-keeper.ts`,
    find: `    else this.proposeLater();`,
    replace: ``,
    suites,
    first,
  },
  {
    id: 'tenure-superseded-goes-on',
    title: 'A leader whose tenure another beginning ended goes on to propose what is void',
    file: `${folder}/tenure-keeper.ts`,
    find: `    // A beginning of ours that had been given up. This tenure is over like that of any deposed leader.
    this.stop();
    this.propose();`,
    replace: ``,
    suites,
    first,
  },
  {
    id: 'tenure-outlives-a-snapshot',
    title: 'A leader whose state came from a snapshot goes on with duties that all members pass over',
    file: 'packages/replica/src/member-runtime.ts',
    find: `      tenures.restored();\n`,
    replace: ``,
    suites,
    first,
  },
];
