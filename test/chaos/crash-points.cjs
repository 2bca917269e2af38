/**
 * The points of a CreateAccount call at which a worker is killed. A worker gets this file by
 * NODE_OPTIONS=--require: it then ends its own process there with SIGKILL, as the plan in the folder
 * says. A file in that folder marks each kill, so that no request meets the same point twice.
 */
const http = require('node:http');
const { readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const path = require('node:path');

/** In the order of a call. The last is the runner's to carry out: only Temporal knows of it. */
const CRASH_POINTS = ['before-send', 'after-send', 'after-answer', 'after-completion-recorded'];

/** Where the worker finds the plan and leaves its marks. */
const FOLDER_VARIABLE = 'CHAOS_CRASH_FOLDER';
const PLAN_FILE = 'plan.json';

/** AWS refuses at once; the answer to what it accepted is kept back for longer (aws-chaos.mjs). */
const SENT_MS = 250;

const TARGET = 'AWSOrganizationsV20161128.CreateAccount';
const REQUEST_TAG = 'account-vending:request-id';

/** True once for a request at a point, and only as often as the plan wants the point at all. */
function claim(folder, plan, point, requestId) {
  if (!plan[point].requestIds.includes(requestId)) return false;
  const marks = readdirSync(folder).filter((name) => name.startsWith(`${point}.`));
  if (marks.length >= plan[point].quota) return false;
  try {
    const mark = path.join(folder, `${point}.${requestId}`);
    writeFileSync(mark, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

function requestIdOf(body) {
  const { Tags: tags = [] } = JSON.parse(Buffer.from(body).toString());
  return tags.find(({ Key }) => Key === REQUEST_TAG)?.Value;
}

function install(folder) {
  const plan = JSON.parse(readFileSync(path.join(folder, PLAN_FILE), 'utf8'));
  const dieAt = (point, requestId) => {
    if (claim(folder, plan, point, requestId)) process.kill(process.pid, 'SIGKILL');
  };

  /** Nothing has gone out before `end`: the SDK hands it the whole body. */
  const watch = (call) => {
    const { end } = call;
    call.end = function endOrDie(body, ...rest) {
      const requestId = requestIdOf(body);
      dieAt('before-send', requestId);
      call.once('finish', () => {
        const sent = setTimeout(() => dieAt('after-send', requestId), SENT_MS);
        for (const event of ['response', 'error']) call.once(event, () => clearTimeout(sent));
      });
      call.once('response', (answer) => {
        if (answer.statusCode !== 200) return;
        answer.once('end', () => {
          dieAt('after-answer', requestId);
          // The mark alone: the runner sees it, and kills when Temporal has the completion.
          claim(folder, plan, 'after-completion-recorded', requestId);
        });
      });
      return end.call(this, body, ...rest);
    };
  };

  const { request } = http;
  http.request = function watchedRequest(...args) {
    const call = request.apply(this, args);
    if (call.getHeader('x-amz-target') === TARGET) watch(call);
    return call;
  };
  // The SDK imports it dynamically.
  syncBuiltinESMExports();
}

const folder = process.env[FOLDER_VARIABLE];
if (folder) install(folder);

module.exports = { CRASH_POINTS, FOLDER_VARIABLE, PLAN_FILE };
