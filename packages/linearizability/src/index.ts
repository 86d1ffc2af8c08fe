/**
 * Checks histories of concurrent operations for linearizability, and shows the smallest that is not. Pure; imports nothing.
 *
 * @packageDocumentation
 */

// For users.
export { checkHistory, defaultCheckOptions } from './check.ts';
export type { CheckOptions, CheckReport, PartitionReport, Verdict } from './check.ts';
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
export { lockModel } from './lock-model.ts';
export type { LockInput, LockOutput, LockState } from './lock-model.ts';
export { createRecorder } from './recorder.ts';
export type { Recorder } from './recorder.ts';
export { registerModel } from './register-model.ts';
export type { RegisterInput, RegisterOutput } from './register-model.ts';

// For implementers of models and recorders.
export { groupByKeys } from './group-by-keys.ts';
export type { KeyGroup } from './group-by-keys.ts';
export type { Model, Partition, State } from './model.ts';
export { forgetOutcome, isUnknown } from './operation.ts';
export type { Operation } from './operation.ts';
