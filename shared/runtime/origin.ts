import type { HttpEvent } from './http.ts';

/** Where the service is reached, as the caller reached it: `https://leads.example`. */
export function originOf({ headers, requestContext }: HttpEvent): string {
  const scheme = headers['x-forwarded-proto'] ?? 'https';
  return `${scheme}://${requestContext.domainName}`;
}
