import { createHash } from 'node:crypto';
import type { Answer } from '../dialect.ts';

const STYLE =
  'body{max-width:32rem;margin:15vh auto;padding:0 1rem;font:1.1rem/1.5 system-ui,sans-serif;color:#222;background:#fff}' +
  'button{font:inherit;padding:.6rem 1.6rem;border:0;border-radius:.4rem;color:#fff;background:#1a56b0;cursor:pointer}' +
  'h1{line-height:1.2}li{overflow-wrap:anywhere}details{margin-top:3rem;font-size:.9rem;color:#555}';

const contentSecurityPolicy = (formTargets: string): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    'img-src data:',
    "base-uri 'none'",
    // Where the button leads after it was pressed counts too, and that may be a thank-you page elsewhere.
    `form-action 'self' https: ${formTargets}`.trim(),
    "frame-ancestors 'none'",
  ].join('; ');

/** Text as HTML. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * A small page for whoever has sent a form, where there is no page of the advertiser's. `body` is HTML; `formTargets` are origins that its
 * button leads to and that are not https. Nothing on the way keeps it.
 */
export const pageOf = (status: number, title: string, body: string, formTargets = ''): Answer => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy(formTargets),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  },
  body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
</body>
</html>
`,
});

/** What somebody has to know who makes pages, and nobody else. */
export interface Detail {
  readonly field: string;
  readonly message: string;
}

/** A page for people where something is wrong: in words of theirs, and below, folded up, in those of whoever made the form. */
export const faultPage = (
  status: number,
  title: string,
  words: readonly string[],
  details: readonly Detail[],
): Answer =>
  pageOf(status, title, [...words.map(paragraph), ...(details.length > 0 ? [folded(details)] : [])].join('\n'));

const folded = (details: readonly Detail[]): string => `<details>
<summary>For whoever made the form</summary>
<ul>
${details.map(({ field, message }) => `<li><strong>${escaped(field)}</strong> ${escaped(message)}</li>`).join('\n')}
</ul>
</details>`;

/** A paragraph of a page. */
export const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;
