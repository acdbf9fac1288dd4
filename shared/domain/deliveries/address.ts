/** Whether addresses may be reached that are not public: only where somebody tries things out on one machine. */
export interface Reach {
  readonly privateDestinations: boolean;
}

/**
 * What is wrong with a URL that we are asked to call, as a phrase; undefined where it may be called. Numbers for a host are refused however
 * they are written: what a name resolves to is checked at each connection, and who has a certificate has a name.
 */
export function addressProblem(text: string, { privateDestinations }: Reach): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must not hold a user or password';
  if (privateDestinations) {
    return ['http:', 'https:'].includes(url.protocol) ? undefined : 'must be an http or https URL';
  }
  if (url.protocol !== 'https:') return 'must be an https URL';
  if (url.port !== '') return 'must be on port 443';
  // `URL` has brought every notation of an IPv4 address into the one with dots.
  if (/^[\d.]+$/.test(url.hostname) || url.hostname.startsWith('[')) return 'must have a host name, not an IP address';
  return undefined;
}
