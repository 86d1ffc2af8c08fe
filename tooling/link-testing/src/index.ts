/**
 * What the tests of all transports that are made of links have in common.
 *
 * @packageDocumentation
 */

export { dial, fakeEnds, say, send, sendBytes, urlOf } from './fake-ends.ts';
export type { End, FakeEnds, LinkedEnds } from './fake-ends.ts';
export { FakeHost } from './fake-host.ts';
export { testFakeLinks } from './fake-link-tests.ts';
export type { FakeLinks } from './fake-link-tests.ts';
export { linkHarness } from './link-harness.ts';
export { liveEnds, stillWorks, testLiveEnds, until } from './live-ends.ts';
export type { LiveEnd, LiveEnds } from './live-ends.ts';
export { recorder } from './recorder.ts';
export type { Recorder } from './recorder.ts';
