/**
 * State machines without a runtime: the engine, the interpreter and TestState over a store in memory, a clock that is told when to move, and
 * tasks that are answered as a caller says. It opens no socket and no file.
 */
export type { AwsError } from '../../aws-error.ts';
export { type Issue, validateDefinition } from '../definition/validate-definition.ts';
export { type OfflineMachine, type OfflineRun, runOffline } from './run-offline.ts';
export type { OfflineAnswer, OfflineCall } from './scripted-caller.ts';
export type { StateVisit, TaskAttempt } from './state-visits.ts';
export { type OneState, type OneStateEnd, testOneState } from './test-one-state.ts';
