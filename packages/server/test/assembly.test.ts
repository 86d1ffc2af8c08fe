import { afterEach, expect, test, vi } from 'vitest';
import { loadTransport, transportNames } from '../src/assembly.ts';

const options = { listen: ['tcp://127.0.0.1:0'], maxFrameBytes: 4_194_304 };

afterEach(() => {
  vi.doUnmock('@quorate/transport-zeromq');
  vi.resetModules();
});

test.each(transportNames)('assembles the transport %s by its name', async (name) => {
  expect(await loadTransport(name, options)).toMatchObject({ delivery: 'fifo', addresses: [] });
});

test('says what to install where a transport is not there', async () => {
  vi.doMock('@quorate/transport-zeromq', () => {
    throw new Error("Cannot find package '@quorate/transport-zeromq'\nimported from somewhere");
  });
  const failed = await loadTransport('zeromq', options);
  expect(failed).toMatchObject({ code: 'E_TRANSPORT', exit: 78 });
  expect('text' in failed && failed.text).toMatch(
    /^the transport zeromq cannot be loaded here \([^\n]+\)\. Run npm install @quorate\/transport-zeromq, or use --transport tcp\.$/u,
  );
});

test('does not take options out of range for a transport that is not there', async () => {
  await expect(loadTransport('zeromq', { ...options, maxFrameBytes: 1 })).rejects.toMatchObject({ code: 'E_USAGE' });
});

test('knows no other names', async () => {
  expect(await loadTransport('smoke', options)).toMatchObject({ code: 'E_TRANSPORT', exit: 78 });
});
