import type { Answer } from './call';
import type { AwsError } from './errors';

/** AWS Query, as STS and IAM speak it: a form goes in, XML comes out. Clients heed no namespace. */
const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const CONTENT_TYPE = 'text/xml';

export type XmlTree = { [name: string]: string | number | XmlTree | (string | XmlTree)[] };

export function readForm(body: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

export function queryAnswer(operation: string, result: XmlTree, requestId: string): Answer {
  const tree: XmlTree = {
    [`${operation}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  };
  return xml(200, `${operation}Response`, tree);
}

export function queryError(error: AwsError, requestId: string): Answer {
  const status = error.status ?? 400;
  return xml(status, 'ErrorResponse', {
    Error: {
      Type: status >= 500 ? 'Receiver' : 'Sender',
      Code: error.name,
      Message: error.message,
    },
    RequestId: requestId,
  });
}

function xml(status: number, root: string, tree: XmlTree): Answer {
  const body = `<${root} xmlns="${NAMESPACE}">${serialize(tree)}</${root}>`;
  return { status, contentType: CONTENT_TYPE, body, headers: {} };
}

function serialize(tree: XmlTree): string {
  return Object.entries(tree)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => [name, one] as const),
    )
    .map(([name, value]) => {
      const inner = typeof value === 'object' ? serialize(value) : escape(String(value));
      return `<${name}>${inner}</${name}>`;
    })
    .join('');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
