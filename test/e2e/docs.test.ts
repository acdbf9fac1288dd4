import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { operations } from '../../shared/contracts/openapi.ts';
import { useStack } from '../support/stack.ts';

const CHROMIUM = '/usr/bin/chromium';
const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) console.warn(`The page is not tested: there is no browser at ${CHROMIUM}.`);

const stack = await useStack();

describe('the description of the API', () => {
  it('is served, and names every operation', async () => {
    const description = (await (await fetch(`${stack.url}/openapi.json`)).json()) as { paths: Record<string, object> };
    const served = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    // API Gateway writes a parameter that takes the rest of a path as {path+}, OpenAPI knows no such thing.
    expect(served.sort()).toEqual(
      Object.keys(operations)
        .map((operation) => operation.replace('+}', '}'))
        .sort(),
    );
  });

  it('answers what is not there with a problem', async () => {
    const response = await fetch(`${stack.url}/v1/nothing`, { method: 'PUT' });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('PUT /v1/nothing') });
  });

  it.skipIf(!hasBrowser)('can be read in a browser, from our own files alone', async () => {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(`${stack.url}/docs`);
      await page.locator('.opblock').first().waitFor();
      const { webhooks } = (await (await fetch(`${stack.url}/openapi.json`)).json()) as { webhooks: object };
      const described = Object.keys(operations).length + Object.keys(webhooks).length;
      expect(await page.locator('.opblock').count()).toBe(described);

      const createCampaign = page.locator('#operations-Campaigns-createCampaign');
      await createCampaign.locator('.opblock-summary-control').click();
      await createCampaign.locator('.responses-table').first().waitFor();
      expect(await createCampaign.innerText()).toContain('Needs a key of the role operator.');

      // The page may call the API: the health check answers.
      const health = page.locator('#operations-Service-health');
      await health.locator('.opblock-summary-control').click();
      await health.getByRole('button', { name: 'Try it out' }).click();
      await health.getByRole('button', { name: 'Execute' }).click();
      await health.locator('.live-responses-table').getByText('"status": "ok"').waitFor();

      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith(stack.url) && !url.startsWith('data:'))).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
