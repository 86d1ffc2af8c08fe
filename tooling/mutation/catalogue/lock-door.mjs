// The lock service's HTTP door and its client: lost wake-ups, deadlines, requests that are repeated.
const door = 'apps/lock/src/door';
const client = 'apps/lock/src/client';
const suites = ['lock-door'];
const polls = ['test/long-poll.test.ts'];
const clients = ['test/client.test.ts'];

export const mutations = [
  {
    id: 'lock-door-late-registration',
    title: 'A request comes to the desk a moment after its reply, and a grant right behind it wakes nobody',
    file: `${door}/wait-desk.ts`,
    find: `(_call, reply) => this.place(call, { ...request, untilMs, reply }));`,
    replace: `(_call, reply) => queueMicrotask(() => this.place(call, { ...request, untilMs, reply })));`,
    suites,
    first: polls,
  },
  {
    id: 'lock-door-silent-restore',
    title: 'A snapshot takes the place of the events, and whoever waited for one of them waits on',
    file: `${door}/lock-api.ts`,
    find: `      this.waits.askAgain();\n`,
    replace: ``,
    suites,
    first: polls,
  },
  {
    id: 'lock-door-cancels-on-disconnect',
    title: 'A lost connection costs the place in the queue, and the retry begins at its end',
    file: `${door}/wait-desk.ts`,
    find: `if (!cancelWhenGone || call`,
    replace: `if (cancelWhenGone || call`,
    suites,
    first: polls,
  },
  {
    id: 'lock-door-takes-any-content-type',
    title: 'A page of a foreign site posts commands to a member on loopback',
    file: `${door}/call.ts`,
    find: `if (!/^application`,
    replace: `if (type === 'none' && !/^application`,
    suites,
    first: ['test/bad-input.test.ts'],
  },
  {
    id: 'lock-client-believes-a-late-answer',
    title: 'A process that was stopped reads an old answer to a renewal before its timers run, and says that all is safe',
    file: `${client}/client-session.ts`,
    find: `if (this.check()) this.renew((sentMs = answer.sentMs));`,
    replace: `this.renew((sentMs = answer.sentMs));`,
    suites,
    first: clients,
  },
  {
    id: 'lock-client-believes-a-late-grant',
    title: 'A process that was stopped takes a grant that its session has outlived',
    file: `${client}/acquisition.ts`,
    find: `if (!session.check()) throw session.signal.reason;`,
    replace: ``,
    suites,
    first: clients,
  },
  {
    id: 'lock-client-deadline-too-late',
    title: "The signal fires after the holder's own deadline",
    file: `${client}/client-session.ts`,
    find: `- Math.min(this.ttlMs / 20, 50 + this.ttlMs / 1000)`,
    replace: `+ 100`,
    suites,
    first: clients,
  },
  {
    id: 'lock-client-jeopardy-once',
    title: 'After it was safe once, a client is told of the loss and not of the danger before',
    file: `${client}/client-session.ts`,
    find: `    this.inJeopardy = false;
    this.arm();
    if (wasInJeopardy) this.tell('safe');`,
    replace: `    this.arm();
    this.inJeopardy = false;
    if (wasInJeopardy) this.tell('safe');`,
    suites,
    first: clients,
  },
  {
    id: 'lock-client-polls-a-dead-member',
    title: 'Renewals leave a silent member, and the long poll stays with it',
    file: `${client}/endpoint-caller.ts`,
    find: `for (const takeBack of this.running.get(endpoint) ?? []) takeBack();`,
    replace: ``,
    suites,
    first: clients,
  },
  {
    id: 'lock-client-leaves-a-ghost',
    title: 'An acquire that was given up stays in the queue, and its grant belongs to nobody',
    file: `${client}/acquisition.ts`,
    find: `const cancel = {`,
    replace: `if (request > 0) return;
    const cancel = {`,
    suites,
    first: clients,
  },
  {
    id: 'lock-client-shares-with-itself',
    title: 'Two callers of one client are one session to the members, and hold the lock at the same time',
    file: `${client}/name-gates.ts`,
    find: `if (!shared || !place.shared || !place.granted) return false;`,
    replace: `if (!shared && !inside.has(place)) return false;`,
    suites,
    first: clients,
  },
  {
    id: 'lock-door-pipelined-places-leak',
    title: 'Requests that were sent behind another one keep their places for ever when their connection ends',
    file: `${door}/call.ts`,
    find: `    for (const call of calls) call.closed();\n`,
    replace: ``,
    suites,
    first: ['test/connections.test.ts'],
  },
  {
    id: 'lock-door-tells-who-left',
    title: 'An observer that was sent away is told of a new leader, and the process ends of it',
    file: `${door}/election-observers.ts`,
    find: ` && !response.writableEnded`,
    replace: ``,
    suites,
    first: ['test/connections.test.ts'],
  },
  {
    id: 'lock-client-believes-the-last-refusal',
    title: 'A copy of a refused acquire that was held up on its way takes the lock for nobody',
    file: `${client}/endpoint-caller.ts`,
    find: `throw unknown ? doubted(last) : last;`,
    replace: `throw last;`,
    suites,
    first: ['test/client-edges.test.ts'],
  },
  {
    id: 'lock-client-opens-while-it-closes',
    title: 'A session that is opened while its client closes is renewed for ever',
    file: `${client}/session-keeper.ts`,
    find: `if (this.signal.aborted) {`,
    replace: `if (this.signal.aborted && session.id === 0) {`,
    suites,
    first: ['test/client-edges.test.ts'],
  },
];
