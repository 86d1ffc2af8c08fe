import { largeBytes, listen } from './pipe.ts';

/** Small frames come back as they are; of large ones only that they arrived. */
const [, , kind = '', port = '0'] = process.argv;
const received = Uint8Array.of(1);

const pipe = await listen(kind, Number(port), (frame) => {
  pipe.send(frame.length < largeBytes ? Uint8Array.from(frame) : received);
  pipe.flush();
});
process.on('disconnect', () => process.exit());
process.send?.({ port: pipe.port });
