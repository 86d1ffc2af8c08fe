/**
 * Suites as data for cores, transports, storages, codecs and state machines.
 *
 * @packageDocumentation
 */
export {};
