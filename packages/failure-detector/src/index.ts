/**
 * Failure detectors behind one contract, with what compares them: traces of arrivals, a replayer, and a table of what accuracy costs.
 *
 * @packageDocumentation
 */

// For users.
export { bertier, defaultBertierOptions } from './bertier.ts';
export type { BertierOptions } from './bertier.ts';
export { chen, defaultChenOptions } from './chen.ts';
export type { ChenOptions } from './chen.ts';
export { defaultFixedTimeoutOptions, fixedTimeout } from './fixed-timeout.ts';
export type { FixedTimeoutOptions } from './fixed-timeout.ts';
export { defaultPhiAccrualOptions, phiAccrual } from './phi-accrual.ts';
export type { PhiAccrualOptions } from './phi-accrual.ts';
export { defaultStallMeterOptions, stallMeter } from './stall-meter.ts';
export type { Stall, StallMeter, StallMeterOptions } from './stall-meter.ts';

// For those who choose or compare strategies.
export type { Arrival, ArrivalTrace, PeerTrace } from './arrival-trace.ts';
export { cutTrace } from './cut-trace.ts';
export type { TraceCut } from './cut-trace.ts';
export { measureQuality } from './detection-quality.ts';
export type { DetectionQuality } from './detection-quality.ts';
export { formatTradeOff } from './format-trade-off.ts';
export { generateTrace } from './generate-trace.ts';
export type { TraceSize } from './generate-trace.ts';
export { replayTrace } from './replay.ts';
export type { PeerReplay } from './replay.ts';
export { standardScenarios } from './scenarios.ts';
export type { Pauses, Scenario } from './scenarios.ts';
export { traceRecorder } from './trace-recorder.ts';
export type { TraceRecorder, TraceRecorderOptions } from './trace-recorder.ts';
export { tradeOff } from './trade-off.ts';
export type { TradeOffRow, TradeOffSetup } from './trade-off.ts';
