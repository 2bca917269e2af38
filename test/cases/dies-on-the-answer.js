'use strict';

// Loaded before the worker (node --require). The process is killed at the moment when the SDK hands
// over CreateAccount's answer, which is before anybody could write it down.
const organizations = require('@aws-sdk/client-organizations');

class DyingClient extends organizations.OrganizationsClient {
  async send(command) {
    const answer = await super.send(command);
    if (command instanceof organizations.CreateAccountCommand) process.kill(process.pid, 'SIGKILL');
    return answer;
  }
}

organizations.OrganizationsClient = DyingClient;
