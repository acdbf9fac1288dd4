import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fillUrl,
  type MacroValues,
  signedText,
  templateProblem,
  urlTemplateProblem,
  withParameters,
} from '../../../shared/domain/deliveries/postback-template.ts';

const problem = (url: string, options = {}) =>
  urlTemplateProblem(url, { privateDestinations: false, signed: false, ...options });

/** Of any code units: halves of characters too. */
const text = fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units));

const values: MacroValues = {
  affiliate_id: 'aff_1',
  amount: '99.90',
  amount_currency: 'USD',
  campaign_id: 'cmp_1',
  campaign_ref: 'offer-1',
  click_id: 'Y2xpY2s',
  click_time: '2026-11-20 09:00:00',
  commission: '18.00',
  currency: 'EUR',
  date_only: '2026-11-22',
  datetime: '2026-11-22 10:00:00',
  event: 'sale',
  event_type: 'lead.confirmed',
  lead_id: 'lead_1',
  occurred_at: '2026-11-22T10:00:00.000Z',
  postback_id: 'evt_1',
  source: 'news letter',
  status: 'confirmed',
  sub1: 'first',
  sub2: 'a&b=c',
  time: '10:00:00',
  timestamp: '1795341600',
  transaction_id: 'order/1 ü',
};

describe('the URL of a postback', () => {
  it.each([
    ['no macro', 'https://t.example/pb'],
    ['macros in the query', 'https://t.example/pb?cid={click_id}&p={commission}&s={status}'],
    ['a macro in the path', 'https://t.example/pb/{click_id}/done'],
    ['a macro right after the host', 'https://t.example?{click_id}'],
    ["TUNE's", 'https://t.example/pb?t={transaction_id}&a={aff_sub}&b={aff_sub5}&p={payout}&o={offer_id}&d={datetime}'],
    ["Everflow's", 'https://t.example/pb?t={transaction_id}&a={sub1}&p={payout_amount}&e={event_name}&o={offer_id}'],
    ["Affise's", 'https://t.example/pb?c={clickid}&s={sum}&st={status}&o={offerid}&t={transactionid}&r={rand}'],
    ["Voluum's", 'https://t.example/postback?cid={externalid}&payout={payout}&txid={txid}&c={campaign.id}'],
    ["CAKE's", 'https://t.example/pb?s1=#s1#&s2=#s2##s3#&t=#tid#&p=#price#&a=#affid#&o=#oid#'],
    ['encoded braces', 'https://t.example/?x=%7Bclick_id%7D'],
    ['an at sign in the path', 'https://t.example/@me'],
    ['the names of a signature, where there is none', 'https://t.example/?ts={timestamp}&sig=1'],
    ['2,048 characters', `https://t.example/${'x'.repeat(2048 - 18)}`],
  ])('may have %s', (_what, url) => {
    expect(problem(url)).toBeUndefined();
  });

  it.each([
    ['a macro in the host', 'https://{sub1}.example/', 'before its path'],
    ['a macro for a host', 'https://{sub1}/', 'before its path'],
    ['a macro that lengthens the host', 'https://t.example{sub1}/', 'before its path'],
    ['a macro in the port', 'https://t.example:{sub1}/', 'before its path'],
    ['a macro in the user part', 'https://{sub1}@t.example/', 'before its path'],
    ['a macro for a scheme', '{sub1}://t.example/', 'before its path'],
    ["CAKE's in the host", 'https://#s1#.example/', 'before its path'],
    ['a user part', 'https://user:pw@t.example/', 'user or password'],
    ['http', 'http://t.example/', 'https'],
    ['another port', 'https://t.example:8443/', 'port 443'],
    ['an IP address', 'https://10.0.0.1/', 'host name'],
    ['no URL', 'pb?c={click_id}', 'before its path'],
    ['an unknown macro', 'https://t.example/?c={foo}', 'unknown macro {foo}: known are {advertiser_id}'],
    ['a macro in other case', 'https://t.example/?c={Click_Id}', 'unknown macro {Click_Id}: write {click_id}'],
    ['a macro with a dash', 'https://t.example/?c={aff-sub}', 'unknown macro {aff-sub}: write {aff_sub}'],
    ['an eleventh sub', 'https://t.example/?c={sub11}', 'unknown macro {sub11}'],
    ['an unknown macro of CAKE', 'https://t.example/?c=#foo#', 'unknown macro #foo#'],
    ['an empty macro', 'https://t.example/?c={}', 'unknown macro {}'],
    ['a macro of two meanings', 'https://t.example/?d={date}', '{date_only} or {datetime}, or say whose macros'],
    ['what means nothing by itself', 'https://t.example/?d={geo}', 'or say whose macros these are by macros: affise'],
    ['what is put somewhere by agreement', 'https://t.example/?d={aff_click_id}', 'by macros: tune'],
    ["a device's token", 'https://t.example/?c=#udid#', 'by macros: cake'],
    ['what the advertiser pays', 'https://t.example/?d={revenue}', '{commission}'],
    ["a visitor's address", 'https://t.example/?d={ip}', 'leave it out'],
    ['a lone brace', 'https://t.example/?c={click_id', 'brace'],
    ['nested braces', 'https://t.example/?c={{click_id}}', 'brace'],
    ['a fragment', 'https://t.example/?c={click_id}#top', '#'],
    ['a lone percent sign', 'https://t.example/?c=%click_id%', '%25'],
    ['a place that was left', 'https://t.example/postback?cid=REPLACE&payout=OPTIONAL', 'has REPLACE where a macro'],
    ['a backslash', 'https://t.example\\@evil.example/', 'backslash'],
    ['a space', 'https://t.example/a b', 'ASCII'],
    ['other letters', 'https://t.example/ü', 'ASCII'],
    ['nothing', '', 'ASCII'],
    ['2,049 characters', `https://t.example/${'x'.repeat(2049 - 18)}`, '2048'],
  ])('may not have %s', (_what, url, expected) => {
    expect(problem(url)).toContain(expected);
  });

  it.each(['ts', 'kid', 'sig'])('may not have %s, where it is signed', (name) => {
    expect(problem(`https://t.example/?a=1&${name}=2`, { signed: true })).toContain(`must not have ${name} itself`);
    expect(problem(`https://t.example/?a=1&x${name}=2`, { signed: true })).toBeUndefined();
  });

  it('may be on this machine, where that is allowed', () => {
    expect(problem('http://127.0.0.1:4000/pb?c={click_id}', { privateDestinations: true })).toBeUndefined();
    expect(problem('http://{sub1}:4000/pb', { privateDestinations: true })).toContain('before its path');
  });
});

describe('a filled template', () => {
  it.each([
    ['its values', 'https://t.example/pb?c={click_id}&p={commission}', 'https://t.example/pb?c=Y2xpY2s&p=18.00'],
    [
      'encoded values',
      'https://t.example/?a={sub2}&t={transaction_id}',
      'https://t.example/?a=a%26b%3Dc&t=order%2F1%20%C3%BC',
    ],
    ['encoded values in its path', 'https://t.example/{transaction_id}/x', 'https://t.example/order%2F1%20%C3%BC/x'],
    ['nothing for what there is not', 'https://t.example/?a={sub3}&b={reason}', 'https://t.example/?a=&b='],
    [
      "TUNE's",
      'https://t.example/?t={transaction_id}&a={aff_sub}&p={payout}&s={sale_amount}',
      'https://t.example/?t=order%2F1%20%C3%BC&a=first&p=18.00&s=99.90',
    ],
    [
      "Everflow's",
      'https://t.example/?e={event_id}&p={payout_amount}&c={conversion_id}',
      'https://t.example/?e=sale&p=18.00&c=lead_1',
    ],
    [
      "Affise's",
      'https://t.example/?c={clickid}&s={sum}&st={status}&d={click_date}',
      'https://t.example/?c=Y2xpY2s&s=18.00&st=confirmed&d=2026-11-20%2009%3A00%3A00',
    ],
    ["Voluum's", 'https://t.example/?cid={externalid}&o={campaign.id}', 'https://t.example/?cid=first&o=offer-1'],
    [
      "CAKE's side by side",
      'https://t.example/?s=#s1##s2#&u=#utcunixtime#',
      'https://t.example/?s=firsta%26b%3Dc&u=1795341600',
    ],
    ['both notations', 'https://t.example/?a={sub1}&b=#s1#', 'https://t.example/?a=first&b=first'],
    ['a macro twice', 'https://t.example/{sub1}?a={sub1}', 'https://t.example/first?a=first'],
    [
      'what looks like a macro in a value as it is',
      'https://t.example/?a={sub4}',
      'https://t.example/?a=%7Bsub1%7D%23s1%23',
    ],
    ['marks that URLs leave alone', 'https://t.example/?a={sub5}', 'https://t.example/?a=%27%28%29%2A%21~-_.'],
  ])('has %s', (_what, template, expected) => {
    expect(fillUrl(template, { ...values, sub4: '{sub1}#s1#', sub5: "'()*!~-_." })).toBe(expected);
  });

  it('leads to no other path by a value of dots', () => {
    const paths = ['.', '..', '...', '.a'].map(
      (sub1) => new URL(fillUrl('https://t.example/a/b/{sub1}/c', { sub1 })).pathname,
    );
    expect(paths).toEqual(['/a/b/%252E/c', '/a/b/%252E%252E/c', '/a/b/.../c', '/a/b/.a/c']);
    expect(new URL(fillUrl('https://t.example/a/b/.{sub1}/c', { sub1: '.' })).pathname).toBe('/a/b/%252E%252E/c');
    expect(new URL(fillUrl('https://t.example/a/b/%2e{sub1}/c', { sub1: '.' })).pathname).toBe('/a/b/%252E%252E/c');
  });

  it('keeps host, path and parameters, whatever its values are', () => {
    const template = 'https://t.example/{sub1}/x{sub2}/{sub3}?a={sub1}&b={sub2}#s3#';
    expect(problem(template)).toBeUndefined();
    fc.assert(
      fc.property(text, text, text, (sub1, sub2, sub3) => {
        const url = new URL(fillUrl(template, { sub1, sub2, sub3 }));
        expect([url.host, url.username, url.hash]).toEqual(['t.example', '', '']);
        expect(url.pathname.split('/')).toHaveLength(4);
        expect([...url.searchParams]).toEqual([
          ['a', sub1.toWellFormed()],
          ['b', sub2.toWellFormed() + sub3.toWellFormed()],
        ]);
      }),
    );
  });
});

describe('the form of a postback', () => {
  it.each([
    ['macros', 'c={click_id}&p={payout}', undefined],
    ["CAKE's macros", 'c=#s2#', undefined],
    ['an unknown macro', 'c={foo}', 'unknown macro {foo}'],
    ['a place that was left', 'cid=REPLACE', 'REPLACE'],
    ['a space', 'c=a b', 'ASCII'],
    ['nothing', '', 'ASCII'],
  ])('may have %s, or is told what is wrong', (_what, body, expected) => {
    const found = templateProblem(body);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(expected);
  });
});

describe('what a signature covers', () => {
  it('is the method, the URL as it is sent, and the body', () => {
    const url = withParameters('https://t.example/pb?c=1', { ts: '1795341600', kid: 'k-1' });
    expect(url).toBe('https://t.example/pb?c=1&ts=1795341600&kid=k-1');
    expect(withParameters('https://t.example', { ts: '1' })).toBe('https://t.example/?ts=1');
    expect(signedText('GET', url, undefined)).toBe(`GET ${url}`);
    expect(signedText('POST', url, 'a=1')).toBe(`POST ${url}\na=1`);
  });
});
