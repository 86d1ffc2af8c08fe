import { badCarriers } from './bad-carriers.ts';
import { badHosts } from './bad-hosts.ts';
import type { BrokenTransport } from './broken-transport.ts';

/** The network in memory with one promise broken, in every way that a case must find. */
export const brokenTransports: readonly BrokenTransport[] = [...badCarriers, ...badHosts];
