/**
 * A transport in memory: for tests, simulations, browsers, and for measuring a protocol without a network.
 *
 * @packageDocumentation
 */

// For users.
export { memoryNetwork } from './memory-network.ts';
export type { MemoryNetwork, MemoryNetworkOptions } from './memory-network.ts';
