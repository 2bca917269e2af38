/** The workflows of the callers' worker. */
export { onboardTeam } from '../../examples/nexus-caller/onboard-team';
export { answer, askState, onboard } from './caller';
