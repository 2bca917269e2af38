/** The local AWS: Organizations, Account Management, Config and STS as real SDK clients see them. See docs/simulator.md. */
export { ManualClock, WallClock, type SimulatorClock } from './clock';
export type {
  Fault,
  FaultKind,
  FaultMatch,
  FaultRule,
  FaultScope,
  InjectedError,
} from './faults/fault-rule';
export type { SimulatorKnobs, SimulatorProfile } from './knobs';
export type { Duration } from './random';
export { startSimulator } from './start-simulator';
export type {
  AccountSetup,
  AccountSnapshot,
  AlternateContactSnapshot,
  CreateRequestSnapshot,
  JournalEntry,
  OrganizationalUnitSnapshot,
  OrganizationSetup,
  PackError,
  PackRowOverride,
  PackSetup,
  PackSnapshot,
  PermissionSetup,
  Simulator,
  SimulatorOptions,
  SimulatorSnapshot,
} from './types';
