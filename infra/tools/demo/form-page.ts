import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser of this machine; undefined where none is found. */
export const findBrowser = (): string | undefined => BROWSERS.find((path) => existsSync(path));

const page = (scriptUrl: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Roof check</title><script src="${scriptUrl}" defer></script></head>
<body>
<h1>Have your roof checked</h1>
${body}
</body>
</html>
`;

/** Where visitors come from a click link: the script keeps the click id. */
export const landingPage = (scriptUrl: string, formUrl: string): string =>
  page(scriptUrl, `<a href="${formUrl}">Tell us of your roof</a>`);

/** The page with the form: the script fills the click id in. */
export const formPage = (scriptUrl: string, action: string): string =>
  page(
    scriptUrl,
    `<form method="post" action="${action}">
<label>Name <input name="first_name"></label>
<label>E-mail <input name="email" type="email"></label>
<label>Roof <input name="roof"></label>
<button>Send</button>
</form>`,
  );

/**
 * Comes to a landing page in a headless browser, goes on to its form, fills that in and sends it, as a visitor would. Returns the heading of
 * the page that answers.
 */
export async function sendForm(
  executablePath: string,
  landingUrl: string,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  // Chromium cannot make its sandbox where it is run as root.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(landingUrl);
    await page.click('a');
    for (const [name, value] of Object.entries(fields)) await page.fill(`[name="${name}"]`, value);
    const formUrl = page.url();
    await page.click('button');
    await page.waitForURL((url) => url.href !== formUrl);
    return await page.innerText('h1');
  } finally {
    await browser.close();
  }
}
