/** Why there is no stack, for a person: what is wrong, and what to do. */
export class CannotStart extends Error {}
