import type { VendNotification, VendNotificationData } from '../contract';

/** A notification for people: for SNS subscribers by e-mail, and for chat. */
export interface NotificationText {
  /** One line of at most 100 ASCII characters, as SNS takes it. */
  subject: string;
  text: string;
}

const LONGEST_SUBJECT = 100;

export function notificationText({ type, timestamp, data }: VendNotification): NotificationText {
  const headline = headlineOf(type, data);
  const lines = [headline, '', ...factsOf(data).map(([name, value]) => `${name}: ${value}`)];
  const { escalation, commands = [], outcome } = data;
  if (outcome) lines.push(`Outcome: ${outcome}`);
  if (escalation && !type.endsWith('resolved')) lines.push('', escalation.message);
  if (commands.length > 0) lines.push('', 'What you can do:', ...commands.map((one) => `  ${one}`));
  lines.push('', timestamp);
  return { subject: subjectOf(headline), text: lines.join('\n') };
}

/** Slack's own marks; Mattermost reads them too. */
export function slackText({ type, data }: VendNotification): string {
  const { escalation, commands = [], outcome } = data;
  const lines = [`*${escaped(headlineOf(type, data))}*`];
  for (const [name, value] of factsOf(data)) lines.push(`${name}: \`${escaped(value)}\``);
  if (outcome) lines.push(escaped(outcome));
  if (escalation && !type.endsWith('resolved')) lines.push(escaped(escalation.message));
  for (const command of commands) lines.push(`\`${escaped(command)}\``);
  return lines.join('\n');
}

function headlineOf(type: VendNotification['type'], data: VendNotificationData): string {
  const reason = data.escalation?.reason ?? '';
  const again = data.reminder ? ' still' : '';
  const account = `Account ${data.requestId || data.workflowId}`;
  switch (type) {
    case 'vend.approving':
      return `${account}${again} waits for an approval`;
    case 'vend.escalated':
      return `${account}${again} needs a person: ${reason}`;
    case 'vend.resolved':
      return `${account} needs nobody any more: ${reason} is over`;
    case 'vend.completed':
      return `${account} is ready`;
    case 'vend.failed':
      return `${account} was not vended: ${data.failure ?? data.stage}`;
    case 'organization.escalated':
      return `Vending is${again} held back in ${data.organizationId}: ${reason}`;
    case 'organization.resolved':
      return `Vending goes on in ${data.organizationId}: ${reason} is over`;
    default:
      return type;
  }
}

function factsOf(data: VendNotificationData): [string, string][] {
  const { accountId, govCloudAccountId, organizationalUnitId, expiresAt, escalation } = data;
  const facts: [string, string | undefined][] = [
    ['Account', accountId],
    ['GovCloud account', govCloudAccountId],
    ['Organizational unit', organizationalUnitId],
    ['Since', escalation?.since],
    ['Looked at again by itself', escalation?.nextCheckAt],
    ['Expires', expiresAt],
    ['Runbook', escalation?.runbook],
    ['Workflow', data.workflowId],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function subjectOf(headline: string): string {
  const ascii = headline.replaceAll(/[^\x20-\x7E]+/g, ' ');
  return ascii.length > LONGEST_SUBJECT ? `${ascii.slice(0, LONGEST_SUBJECT - 3)}...` : ascii;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
