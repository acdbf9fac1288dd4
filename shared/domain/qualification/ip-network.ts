const GROUPS = 8;
/** Of an IPv6 address, what a provider gives to one household: a device makes up the rest anew every day. */
const NETWORK_GROUPS = 4;

/** What tells one visitor's IP address from another's: a whole IPv4 address, the first 64 bits of an IPv6 one. `address` is valid. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const groups = groupsOf(address);
  const isMappedIpv4 = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMappedIpv4) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.');
  }
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.toString(16))
    .join(':');
}

/** The eight groups of an IPv6 address (RFC 4291, 2.2): `::` stands for as many zeros as are missing. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const before = [...head].flatMap(numbersOf);
  const after = [...(tail ?? [])].flatMap(numbersOf);
  return [...before, ...Array<number>(GROUPS - before.length - after.length).fill(0), ...after];
}

/** A group, or the IPv4 address that stands for the last two. */
function numbersOf(group: string): number[] {
  if (!group.includes('.')) return [Number.parseInt(group, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map((byte) => Number.parseInt(byte, 10));
  return [(a << 8) | b, (c << 8) | d];
}
