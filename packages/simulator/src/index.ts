/**
 * Virtual time, network, disks and faults for deterministic simulation of whole clusters.
 *
 * @packageDocumentation
 */
export {};
