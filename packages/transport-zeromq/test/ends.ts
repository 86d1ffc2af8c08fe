import { fakeEnds, type FakeEnds } from '@quorate/link-testing';
import { zeromqTransportOn } from '../src/zeromq-transport.ts';
import { FakeNetwork } from './fake-network.ts';

/** Ends over fake sockets of ZeroMQ. */
export const ends: FakeEnds<FakeNetwork> = fakeEnds(
  () => new FakeNetwork(),
  (network, options) => zeromqTransportOn(() => network, options),
);
