/**
 * Checks histories of concurrent operations for linearizability, and shows the smallest that is not.
 *
 * @packageDocumentation
 */
export {};
