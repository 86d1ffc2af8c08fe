import type { ConformanceCase } from '../conformance-case.ts';
import { frameCases } from './frame-cases.ts';
import { linkCases } from './link-cases.ts';
import { peerCases } from './peer-cases.ts';
import { play } from './scene.ts';
import type { TransportCapability, TransportHarness } from './transport-harness.ts';

/**
 * What a `Transport` promises: every case opens a network of its own and runs a few ends in it. In all of them, handlers are never
 * called from within a call, links are announced before their frames and ended once, at most one link to a member is up, and frames
 * stay as they were handed over.
 */
export function transportSuite(open: () => Promise<TransportHarness>): readonly ConformanceCase<TransportCapability>[] {
  return [...frameCases, ...linkCases, ...peerCases].map((one) => ({
    name: one.name,
    needs: one.needs,
    run: () => play(open, one.play),
  }));
}
