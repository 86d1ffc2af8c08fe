/**
 * What the tests of the three cores have in common: a core alone with the test, or members, disks and messages in the hands of the test,
 * and random runs over them. What one protocol adds is handed in as data.
 *
 * @packageDocumentation
 */

export { chaosSetup, chaosTimers, hasLateMessages, runChaos } from './chaos.ts';
export { LoneCore } from './lone-core.ts';
export type { LoneSetup, MessageOf, Sent } from './lone-core.ts';
export { ModelJournal } from './model-journal.ts';
export type { ModelMember } from './model-member.ts';
export { ModelNetwork } from './model-network.ts';
export type { Flight, ModelSetup, NetworkSetup } from './model-network.ts';
export { must } from './must.ts';
export { primaryOrder } from './protocol-model.ts';
export type { JournalContents, Ledger, NewLeader, ProtocolModel } from './protocol-model.ts';
export { generousLimits, genesisOf, keyOf, noopEntry, textEntry } from './text-entries.ts';
