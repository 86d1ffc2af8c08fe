/**
 * Checks histories of concurrent operations for linearizability, and shows the smallest that is not. Pure; imports nothing.
 *
 * @packageDocumentation
 */

// For users.
export { checkHistory, defaultCheckOptions } from './check.ts';
export type { CheckOptions, CheckReport, PartitionReport, Verdict } from './check.ts';
export { describePartition, explainViolations } from './describe-history.ts';
export type { Explanation } from './describe-history.ts';
export { fencingProblems } from './fencing.ts';
export type { FencedWrite } from './fencing.ts';
export { historyFromJson, historyToJson } from './history-json.ts';
export type { ParsedHistory } from './history-json.ts';
export { HistoryError, historyProblems } from './history-problems.ts';
export { kvModel } from './kv-model.ts';
export type { KvState } from './kv-model.ts';
export type {
  KvCompare,
  KvCompareAndSet,
  KvDelete,
  KvGet,
  KvInput,
  KvOutput,
  KvPut,
  KvStep,
  KvStepOutput,
  KvTxn,
} from './kv-operation.ts';
export { kvRevisions } from './kv-revisions.ts';
export { lockModel } from './lock-model.ts';
export type { LockHold, LockShare, LockState } from './lock-holds.ts';
export type { LockAcquireMode, LockInput, LockOutput } from './lock-model.ts';
export { createRecorder } from './recorder.ts';
export type { Recorder } from './recorder.ts';
export { registerModel } from './register-model.ts';
export type { RegisterInput, RegisterOutput } from './register-model.ts';
export { replayRevisions } from './revision-replay.ts';
export type { Fate, Fates, Revisioned, RevisionProblem, RevisionReport } from './revision-replay.ts';
export { renderTimeline } from './timeline.ts';

// For implementers of models and recorders.
export { groupByKeys } from './group-by-keys.ts';
export type { KeyGroup } from './group-by-keys.ts';
export type { Model, Partition, State } from './model.ts';
export { forgetOutcome, isUnknown } from './operation.ts';
export type { Operation } from './operation.ts';
export type { RevisionModel, RevisionStore } from './revision-replay.ts';
export { defaultShrinkOptions, shrinkViolation } from './shrink.ts';
export type { Shrunk, ShrinkOptions } from './shrink.ts';
