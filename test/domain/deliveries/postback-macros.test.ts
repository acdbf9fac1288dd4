import { describe, expect, it } from 'vitest';
import {
  type MacroSystem,
  macroSystems,
  macroTable,
  mixtureProblem,
  postbackMacros,
  systemTables,
} from '../../../shared/domain/deliveries/postback-macros.ts';
import { fillTemplate, macrosWritten, templateProblem } from '../../../shared/domain/deliveries/postback-template.ts';

/** Each macro of ours stands for its own name. */
const names = Object.fromEntries(postbackMacros.map((name) => [name, name]));

describe('templates of other systems', () => {
  it.each<[MacroSystem, string, string]>([
    ['tune', 'c={transaction_id}&s={aff_sub}&s5={aff_sub5}&p={payout}', 'c=click_id&s=sub1&s5=sub5&p=commission'],
    ['tune', 'c={aff_click_id}&u={aff_unique1}&l={aff_unique4}&x={aff_unique5}', 'c=sub6&u=sub7&l=sub10&x='],
    [
      'tune',
      'o={offer_id}&n={offer_name}&a={affiliate_id}&g={goal_id}',
      'o=campaign_ref&n=campaign_name&a=affiliate_ref&g=event',
    ],
    ['tune', 'd={date}&t={time}&dt={datetime}&r={ran}', 'd=date_only&t=time&dt=datetime&r=postback_id'],
    [
      'tune',
      'n={adv_sub}&n2={adv_sub2}&w={sale_amount}&a={advertiser_id}',
      'n=transaction_id&n2=&w=amount&a=advertiser_id',
    ],
    ['tune', 'ip={ip}&ua={user_agent}&os={device_os}&aid={google_aid}', 'ip=&ua=&os=&aid='],
    [
      'everflow',
      'c={transaction_id}&s={sub1}&s10={sub10}&p={payout_amount}',
      'c=click_id&s=sub1&s10=sub10&p=commission',
    ],
    [
      'everflow',
      'o={oid}&a={affid}&n={affiliate_name}&i={source_id}',
      'o=campaign_ref&a=affiliate_ref&n=affiliate_name&i=source',
    ],
    [
      'everflow',
      'e={event_name}&n={order_id}&l={conversion_id}&w={sale_amount}',
      'e=event&n=transaction_id&l=lead_id&w=amount',
    ],
    ['everflow', 'x={adv1}&y={adv10}&z={coupon_code}&i={conversion_user_ip}', 'x=&y=&z=&i='],
    [
      'affise',
      's={sub1}&s8={sub8}&n={transactionid}&p={sum}&st={status}',
      's=sub1&s8=sub8&n=transaction_id&p=commission&st=status',
    ],
    ['affise', 'd={date}&o={date_only}&t={time}&c={click_date}', 'd=datetime&o=date_only&t=time&c=click_time'],
    ['affise', 'o={offerid}&g={goal}&y={comment}&w={order_sum}', 'o=campaign_ref&g=event&y=reason&w=amount'],
    [
      'affise',
      'g={geo}&i={ip}&u={uagent}&r={referrer}&o={os}&c={city}&f={custom_field1}&f15={custom_field_15}',
      'g=&i=&u=&r=&o=&c=&f=&f15=',
    ],
    ['voluum', 'c={externalid}&v={var1}&v9={var9}&v10={var10}', 'c=sub1&v=sub2&v9=sub10&v10='],
    [
      'voluum',
      'c={clickid}&p={payout}&n={txid}&t={conversion.type}',
      'c=click_id&p=commission&n=transaction_id&t=event',
    ],
    [
      'voluum',
      'c={campaign.id}&s={trafficsource.id}&b={brand}&r={referrerdomain}',
      'c=campaign_ref&s=affiliate_ref&b=&r=',
    ],
    ['cake', 's=#s1##s2#&p=#price#&l=#leadid#&t=#tid#', 's=sub1sub2&p=commission&l=lead_id&t=transaction_id'],
    [
      'cake',
      'a=#affid#&o=#oid#&d=#disposition#&u=#utcunixtime#',
      'a=affiliate_ref&o=campaign_ref&d=status&u=timestamp',
    ],
    ['cake', 'u=#udid#&i=#ip#&c=#cid#', 'u=&i=&c='],
  ])('are filled as %s fills them: %s', (system, template, filled) => {
    expect(templateProblem(template, system)).toBeUndefined();
    expect(fillTemplate(template, names, system)).toBe(filled);
  });

  it.each<[MacroSystem, string, string]>([
    ['tune', 'x={sub1}', 'unknown macro {sub1}: TUNE knows {transaction_id}'],
    ['tune', 'x={status}', 'unknown macro {status}'],
    ['tune', 'x={affsub}', 'write {aff_sub}'],
    ['tune', 'x={revenue}', 'write {commission}'],
    ['everflow', 'x={aff_sub}', 'unknown macro {aff_sub}'],
    ['affise', 'x={sub9}', 'unknown macro {sub9}'],
    ['affise', 'x={custom_field16}', 'unknown macro {custom_field16}'],
    ['voluum', 'x={lead_id}', 'unknown macro {lead_id}'],
    ['cake', 'x={sub1}', 'unknown macro {sub1}'],
    ['cake', 'x=#s6#', 'unknown macro #s6#'],
  ])('are refused where %s does not know %s', (system, template, problem) => {
    expect(templateProblem(template, system)).toContain(problem);
  });

  it('name what there is', () => {
    for (const system of macroSystems) {
      for (const [macro, meaning] of systemTables[system]) {
        expect(macrosWritten(macro)).toEqual([macro]);
        expect(fillTemplate(macro, names, system)).toBe(meaning ?? '');
      }
    }
  });
});

describe('templates of nobody in particular', () => {
  it('name ours, and what means one thing to all others that know it', () => {
    const table = macroTable(undefined);
    for (const name of postbackMacros) expect(table.get(`{${name}}`)).toBe(name);
    for (const [macro, meaning] of table) {
      const own = macro === `{${meaning}}`;
      for (const system of macroSystems)
        if (!own && systemTables[system].has(macro)) expect(systemTables[system].get(macro)).toBe(meaning);
    }
    for (const doubtful of ['{date}', '{geo}', '{ip}', '{adv1}', '{aff_click_id}', '{var1}', '#udid#', '#disposition#'])
      expect(table.has(doubtful)).toBe(false);
  });

  it.each([
    ['#disposition#', 'has words of its own there: write {status}, or say whose macros these are by macros: cake'],
    ['{aff_unique1}', 'is a sub-id by agreement alone: write the one that it is given in, such as {sub1}, or say'],
    ['{var1}', 'is a sub-id by agreement alone: write the one that it is given in, such as {sub1}, or say'],
    ['{geo}', 'stands for nothing by itself: leave it out, or say'],
  ])('are told what to write for %s', (macro, advice) => {
    expect(templateProblem(`x=${macro}`)).toContain(advice);
  });

  it.each([
    ['ours', '{sub1}{transaction_id}{status}', undefined],
    ['what many call so', '{sub1}{payout}{transaction_id}{offer_id}{status}', undefined],
    ['those of one', '{aff_sub}{payout}{offer_id}{status}', undefined],
    ["those of CAKE's that have no words of their own", '#s1##price#{status}', undefined],
    ["those of Voluum's own", '{externalid}{payout}{txid}{status}', undefined],
    [
      "TUNE's click id, or our number of the order",
      '{aff_sub}{transaction_id}',
      'must be tune, as {aff_sub} is of TUNE',
    ],
    ["Everflow's click id, or our number of the order", '{transaction_id}{payout_amount}', 'must be everflow, as'],
    [
      "Affise's numbers, or our words",
      '{sub1}{sum}{status}',
      'must be affise, as {sum} is of Affise and {status} says',
    ],
    ["an affiliate's number at TUNE, or its id here", '{affiliate_id}{aff_sub2}', 'or write ours, {sub2}'],
    [
      'those of two',
      '{aff_sub}{payout_amount}',
      'must be said, as {aff_sub} is of TUNE and {payout_amount} of Everflow',
    ],
    [
      "TUNE's click id, or our number of the order, beside what two call so",
      '{transaction_id}{payout}',
      'must be tune, as {payout} is of TUNE and {transaction_id} says something else there: or write ours, {commission}',
    ],
    [
      'a click id at two, or our number of the order',
      '{offer_id}{transaction_id}',
      'must be tune or everflow, as {offer_id} is of TUNE or Everflow and {transaction_id} says',
    ],
    ["Affise's numbers, or our words, beside what many call so", '{sub1}{offer_id}{status}', 'must be affise, as'],
    ['ours that are called so elsewhere too', '{transaction_id}{currency}{affiliate_id}', undefined],
    ['those of two notations', '{externalid}#price#', 'must be said, as {externalid} is of Voluum and #price# of CAKE'],
  ])('may have %s, or must say whose they are', (_what, template, problem) => {
    const found = mixtureProblem(macrosWritten(template), undefined);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });

  it.each(['{sub1}{sum}{status}', '{sub1}{offer_id}{status}'])('say what the receiver says: %s', (template) => {
    expect(mixtureProblem(macrosWritten(template), { confirmed: '1' })).toBeUndefined();
  });
});
