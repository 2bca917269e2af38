/**
 * For tests of workflows that vend accounts: a fake `vendAccount` with scripted outcomes, and the real
 * one with a simulated AWS. See docs/testing.md.
 * @module
 */
export { startFakeVending, type FakeVending, type FakeVendingOptions } from './fake-vending';
export type { FakeVend } from './fake-vends';
export type {
  ApprovalStep,
  CancelledStep,
  DoneStep,
  EscalatedStep,
  EscalationReason,
  FailsStep,
  NeverStep,
  Outcome,
  Outcomes,
  ScriptedStage,
  Step,
  TakesStep,
} from './outcome';
export {
  startSimulatedVending,
  type SimulatedVending,
  type SimulatedVendingOptions,
} from './simulated-vending';
