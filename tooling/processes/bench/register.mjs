/** The smallest useful state machine: keeps the last command, answers with four bytes. */
export function register() {
  let value = new Uint8Array(0);
  const done = Uint8Array.of(1, 0, 0, 0);
  return {
    name: 'register',
    version: 1,
    apply(command, _stamp, out) {
      value = command;
      if (out.awaited) out.reply(done);
    },
    query: () => value,
    snapshot() {
      let left = Uint8Array.from(value);
      return {
        next() {
          const chunk = left;
          left = undefined;
          return chunk;
        },
        close() {},
      };
    },
    restore: () => ({
      write(chunk) {
        value = Uint8Array.from(chunk);
      },
      finish() {},
    }),
  };
}
