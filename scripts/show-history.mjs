/**
 * What is in a recorded history, a line for each event that says something:
 * `npm run show-history -- test/replay/histories/0.1/vend-straight.json`
 */
import { readFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('Usage: npm run show-history -- test/replay/histories/RELEASE/NAME.json');
  process.exit(2);
}

const { events } = JSON.parse(readFileSync(file, 'utf8'));
const began = Date.parse(events[0].eventTime);
for (const event of events) {
  const what = event.eventType.replace('EVENT_TYPE_', '').toLowerCase().replaceAll('_', ' ');
  if (/^workflow task (?:scheduled|started)/.test(what)) continue;
  const seconds = ((Date.parse(event.eventTime) - began) / 1000).toFixed(1);
  console.log(`${event.eventId.padStart(5)}  ${seconds.padStart(9)} s  ${what}  ${wordsOf(event)}`);
}

/** Whatever in it is for people. */
function wordsOf(event) {
  const key = Object.keys(event).find((name) => name.endsWith('Attributes'));
  const its = event[key] ?? {};
  const summary = event.userMetadata?.summary && decoded(event.userMetadata.summary);
  const fields = Object.entries(its.searchAttributes?.indexedFields ?? {}).map(
    ([name, value]) => `${name}=${decoded(value) ?? ''}`,
  );
  const request = its.acceptedRequest?.input;
  const words = [
    its.activityType?.name,
    its.signalName,
    request && `${request.name} ${JSON.stringify(decoded(request.args.payloads[0]))}`,
    its.failure?.message,
    its.cause,
    summary,
    ...fields,
  ];
  return words.filter(Boolean).join(' · ');
}

function decoded({ data }) {
  if (data === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString());
  } catch {
    return undefined;
  }
}
