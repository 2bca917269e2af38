import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/**
 * Where nobody receives notifications: what stands for no host or for many, and link-local addresses, at which an instance's
 * metadata and credentials are. Private networks are not among them: receivers often are there.
 */
const NOWHERE = new BlockList();
NOWHERE.addSubnet('0.0.0.0', 8);
NOWHERE.addSubnet('169.254.0.0', 16);
NOWHERE.addSubnet('224.0.0.0', 3);
NOWHERE.addAddress('::', 'ipv6');
NOWHERE.addSubnet('fe80::', 10, 'ipv6');
NOWHERE.addSubnet('ff00::', 8, 'ipv6');
// The link-local ones of IPv4 as a gateway translates them (NAT64, 6to4), and as IPv6 once wrote them.
NOWHERE.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
NOWHERE.addSubnet('2002:a9fe::', 32, 'ipv6');
NOWHERE.addSubnet('::a9fe:0', 112, 'ipv6');
// Of AWS's metadata, by IPv6.
NOWHERE.addSubnet('fd00:ec2::', 32, 'ipv6');

type Lookup = (host: string) => Promise<{ address: string }[]>;

/** Whether a URL names such an address, in whatever spelling (`https://0xa9fea9fe/` is one). */
export function isNowhere(url: string): boolean {
  const host = hostOf(url);
  return host !== undefined && isAddressNowhere(host);
}

/** The same also where its name leads to one. A name that leads nowhere at all is for whoever sends to it to tell. */
export async function leadsNowhere(
  url: string,
  find: Lookup = (host) => lookup(host, { all: true }),
): Promise<boolean> {
  const host = hostOf(url);
  if (host === undefined) return false;
  if (isIP(host) !== 0) return isAddressNowhere(host);
  const found = await find(host).catch(() => []);
  return found.some(({ address }) => isAddressNowhere(address));
}

function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
}

function isAddressNowhere(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && NOWHERE.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
