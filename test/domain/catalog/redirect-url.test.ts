import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redirectUrlFault } from '../../../shared/domain/catalog/redirect-url.ts';
import { renderLandingUrl } from '../../../shared/domain/clicks/landing-url.ts';

describe('a URL that visitors are sent to', () => {
  it.each([
    ['a plain URL', 'https://shop.example'],
    ['a port', 'https://shop.example:8443/x'],
    ['upper-case scheme', 'HTTPS://shop.example/'],
    ['a macro in the path', 'https://shop.example/{campaign_id}/x'],
    ['macros in the query', 'https://shop.example/?c={click_id}&a={affiliate_id}&s={sub1}{sub10}&o={source}'],
    ['a macro right after the host', 'https://shop.example?{click_id}'],
    ['a macro in the fragment', 'https://shop.example/#{click_id}'],
    ['an at sign in the path', 'https://shop.example/@shop'],
    ['encoded braces', 'https://shop.example/%7Bclick_id%7D'],
    ['2048 characters', `https://shop.example/${'x'.repeat(2048 - 21)}`],
  ])('may have %s', (_what, url) => {
    expect(redirectUrlFault(url)).toBeUndefined();
  });

  it.each([
    ['http', 'http://shop.example/', 'https'],
    ['another scheme', 'javascript:alert(1)', 'https'],
    ['no host', 'https:///shop', 'https'],
    ['a single slash', 'https:/shop.example', 'https'],
    ['no scheme', '//shop.example/', 'https'],
    ['a macro for a scheme', '{sub1}://shop.example/', 'https'],
    ['a macro in the host', 'https://{sub1}.example/', 'macro in its host'],
    ['a macro for a host', 'https://{sub1}/', 'macro in its host'],
    ['a macro that lengthens the host', 'https://shop.example{sub1}/', 'macro in its host'],
    ['a macro in the port', 'https://shop.example:{sub1}/', 'macro in its host or port'],
    ['a macro in the user part', 'https://{sub1}@shop.example/', 'user name'],
    ['a user part', 'https://shop.example@evil.example/', 'user name'],
    ['an unknown macro', 'https://shop.example/?c={clickid}', 'unknown macro {clickid}'],
    ['a macro in other case', 'https://shop.example/?c={Click_Id}', 'unknown macro {Click_Id}'],
    ['an eleventh sub', 'https://shop.example/?c={sub11}', 'unknown macro {sub11}'],
    ['an empty macro', 'https://shop.example/?c={}', 'unknown macro {}'],
    ['a lone brace', 'https://shop.example/?c={click_id', 'brace'],
    ['nested braces', 'https://shop.example/?c={{click_id}}', 'brace'],
    ['a backslash before the path', 'https://shop.example\\@evil.example/', 'backslash'],
    ['a backslash in the path', 'https://shop.example/\\x', 'backslash'],
    ['a space', 'https://shop.example/a b', 'ASCII'],
    ['a line break', 'https://shop.example/\r\nset-cookie: x', 'ASCII'],
    ['other letters', 'https://shop.example/ü', 'ASCII'],
    ['a port that is none', 'https://shop.example:99999/', 'valid URL'],
    ['2049 characters', `https://shop.example/${'x'.repeat(2049 - 21)}`, '2048'],
    ['nothing', '', 'ASCII'],
  ])('may not have %s', (_what, url, fault) => {
    expect(redirectUrlFault(url)).toContain(fault);
  });

  it('keeps its host, whatever values its macros take', () => {
    const template = 'https://shop.example:8443/{sub1}/{campaign_id}?c={click_id}{sub2}#{source}';
    expect(redirectUrlFault(template)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (sub1, sub2, source) => {
        const values = [sub1, sub2, source].map((value) => value.toWellFormed());
        const url = new URL(renderLandingUrl(template, { sub1: values[0], sub2: values[1], source: values[2] }));
        expect(url.host).toBe('shop.example:8443');
      }),
    );
  });
});
