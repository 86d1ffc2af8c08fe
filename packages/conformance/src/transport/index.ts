/**
 * The suite of transports.
 *
 * @packageDocumentation
 */

// For users: run it against a transport.
export type { TransportCapability, TransportEnd, TransportEndSetup, TransportHarness } from './transport-harness.ts';
export { transportSuite } from './transport-suite.ts';
