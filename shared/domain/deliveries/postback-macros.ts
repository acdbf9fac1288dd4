/** What a template may name, beside `sub1` to `sub10`; each is replaced by its value, or by nothing where there is none. */
const OWN_MACROS = [
  'advertiser_id',
  'affiliate_id',
  'affiliate_name',
  'affiliate_ref',
  'amount',
  'amount_currency',
  'campaign_id',
  'campaign_name',
  'campaign_ref',
  'click_id',
  'click_time',
  'commission',
  'currency',
  'date_only',
  'datetime',
  'event',
  'event_type',
  'lead_id',
  'occurred_at',
  'postback_id',
  'reason',
  'source',
  'status',
  'time',
  'timestamp',
  'transaction_id',
] as const;
/** The macros of sub-ids, which are called as the sub-ids are. */
export const SUBS = ['sub1', 'sub2', 'sub3', 'sub4', 'sub5', 'sub6', 'sub7', 'sub8', 'sub9', 'sub10'] as const;
export const postbackMacros = [...OWN_MACROS, ...SUBS] as const;

export type PostbackMacro = (typeof postbackMacros)[number];

/** By any of these a receiver knows what became of a lead. */
export const VERDICT_MACROS: readonly PostbackMacro[] = ['status', 'event_type', 'reason'];

/** The systems whose macros a template may be written in. */
export const macroSystems = ['tune', 'everflow', 'affise', 'voluum', 'cake'] as const;
export type MacroSystem = (typeof macroSystems)[number];

/** What macros stand for, as they are written; `null`: for what is not held, or told to nobody, and so for nothing. */
export type MacroTable = ReadonlyMap<string, PostbackMacro | null>;

type Row = readonly [name: string, meaning: PostbackMacro | null];

/** `adv1`, `adv2`, ... for the given meanings, and for nothing from there up to the last. */
const numbered = (name: string, last: number, meanings: readonly PostbackMacro[] = [], first = 1): Row[] =>
  Array.from({ length: last - first + 1 }, (_, index) => [`${name}${first + index}`, meanings[index] ?? null]);

/** What is not held here of visitors and their devices, or is told to nobody, and what of advertisers' values. */
const nothing = (names: string): Row[] => names.split(' ').map((name) => [name, null]);

/**
 * TUNE: `{transaction_id}` is its click id. Source: "Passing Values to a Partner
 * Conversion URL" in its help; of devices the usual ones.
 */
const TUNE: readonly Row[] = [
  ['transaction_id', 'click_id'],
  ['affiliate_id', 'affiliate_ref'],
  ['affiliate_ref', 'affiliate_ref'],
  ['aff_id', 'affiliate_ref'],
  ['affiliate_name', 'affiliate_name'],
  ['aff_sub', 'sub1'],
  ...numbered('aff_sub', 5, SUBS.slice(1, 5), 2),
  ['source', 'source'],
  ['offer_id', 'campaign_ref'],
  ['offer_ref', 'campaign_ref'],
  ['offer_name', 'campaign_name'],
  ['goal_id', 'event'],
  ['goal_ref', 'event'],
  ['goal_name', 'event'],
  ['payout', 'commission'],
  ['currency', 'currency'],
  ['sale_amount', 'amount'],
  ['advertiser_id', 'advertiser_id'],
  ['adv_sub', 'transaction_id'],
  ...numbered('adv_sub', 5, [], 2),
  ...numbered('adv_unique', 5),
  ['datetime', 'datetime'],
  ['date', 'date_only'],
  ['time', 'time'],
  ['ran', 'postback_id'],
  ...nothing('advertiser_ref conversion_unique_id promo_code offer_url_id offer_file_id file_id file_name user_id ip'),
  ...nothing(
    'user_agent city region_code country_code mobile_carrier unid guid ios_ifa ios_ifa_md5 ios_ifa_sha1 ios_ifv',
  ),
  ...nothing(
    'device_id device_brand device_model device_os device_os_version google_aid google_aid_md5 google_aid_sha1',
  ),
  ...nothing('android_id android_id_md5 android_id_sha1 windows_aid windows_aid_md5 windows_aid_sha1'),
];

/** Everflow: `{transaction_id}` is its click id. Source: "A Guide to Parameters and Macros" in its help. */
const EVERFLOW: readonly Row[] = [
  ['transaction_id', 'click_id'],
  ...numbered('sub', 10, SUBS),
  ['source_id', 'source'],
  ['oid', 'campaign_ref'],
  ['offer_id', 'campaign_ref'],
  ['offer_name', 'campaign_name'],
  ['affid', 'affiliate_ref'],
  ['affiliate_id', 'affiliate_ref'],
  ['affiliate_name', 'affiliate_name'],
  ['partner_id', 'affiliate_ref'],
  ['advertiser_id', 'advertiser_id'],
  ['conversion_id', 'lead_id'],
  ['event_id', 'event'],
  ['event_name', 'event'],
  ['order_id', 'transaction_id'],
  ['payout_amount', 'commission'],
  ['payout_currency', 'currency'],
  ['currency', 'currency'],
  ['sale_amount', 'amount'],
  ['timestamp', 'timestamp'],
  ['conversion_unix_timestamp', 'timestamp'],
  ...numbered('adv', 10),
  ...nothing(
    'coupon_code creative_id offer_url_id user_ip session_user_ip conversion_user_ip user_agent http_user_agent',
  ),
  ...nothing('referer country country_code region city dma isp carrier browser language platform os_version brand'),
  ...nothing(
    'device_type device_brand device_model idfa idfa_md5 idfa_sha1 google_ad_id google_ad_id_md5 google_ad_id_sha1',
  ),
  ...nothing('android_id android_id_md5 android_id_sha1 app_id app_identifier email fbclid gclid'),
];

/**
 * Affise: `{status}` is a number. Source: "Affiliate postback URL macros" in its help; `{clickid}`, `{pid}` and what comes after them from
 * "Cross-postback link macros", as affiliates have no click id of Affise's.
 */
const AFFISE: readonly Row[] = [
  ...numbered('sub', 8, SUBS),
  ['transactionid', 'transaction_id'],
  ['date', 'datetime'],
  ['date_only', 'date_only'],
  ['time', 'time'],
  ['timestamp', 'timestamp'],
  ['click_date', 'click_time'],
  ['offerid', 'campaign_ref'],
  ['offer_name', 'campaign_name'],
  ['status', 'status'],
  ['comment', 'reason'],
  ['sum', 'commission'],
  ['currency', 'currency'],
  ['order_sum', 'amount'],
  ['order_currency', 'amount_currency'],
  ['goal', 'event'],
  ['rand', 'postback_id'],
  ...numbered('custom_field', 15),
  ...numbered('custom_field_', 15),
  ...numbered('ext', 3),
  ...nothing('uagent device_type ip geo city os referrer ref_id os_id user_id fbclid promo_code'),
  ['clickid', 'click_id'],
  ['click_id', 'click_id'],
  ['pid', 'affiliate_ref'],
  ['offer_id', 'campaign_ref'],
  ['affiliate_name', 'affiliate_name'],
  ['advertiser_id', 'advertiser_id'],
  ...nothing('device_ua time_petty'),
];

/**
 * Voluum: what a traffic source gave as its click id is the first sub-id. Source: "Traffic Source Postback URL" in its documentation, and
 * the tokens that all its URLs have.
 */
const VOLUUM: readonly Row[] = [
  ['externalid', 'sub1'],
  ['external_id', 'sub1'],
  ['clickid', 'click_id'],
  ['click.id', 'click_id'],
  ['cid', 'click_id'],
  ['payout', 'commission'],
  ['currency', 'currency'],
  ['txid', 'transaction_id'],
  ['transaction.id', 'transaction_id'],
  ['et', 'event'],
  ['conversion.type', 'event'],
  ['campaign.id', 'campaign_ref'],
  ['campaign.name', 'campaign_name'],
  ['offer.id', 'campaign_ref'],
  ['offer.name', 'campaign_name'],
  ['trafficsource.id', 'affiliate_ref'],
  ['trafficsource.name', 'affiliate_name'],
  ...nothing(
    'affiliatenetwork.id affiliatenetwork.name lander.id lander.name workspace.id workspace.name trackingdomain',
  ),
  ...nothing('device brand model browser browserversion os osversion country countrycode countryname region city isp'),
  ...nothing('carrier connection.type useragent ip language referrerdomain'),
];

/** CAKE, whose tokens stand between number signs. Source: the lists of tokens for affiliates' pixels in its help. */
const CAKE: readonly Row[] = [
  ...numbered('s', 5, SUBS),
  ['leadid', 'lead_id'],
  ['reqid', 'click_id'],
  ['tid', 'transaction_id'],
  ['price', 'commission'],
  ['disposition', 'status'],
  ['affid', 'affiliate_ref'],
  ['oid', 'campaign_ref'],
  ['campid', 'campaign_ref'],
  ['utcunixtime', 'timestamp'],
  ['sourcetime', 'occurred_at'],
  ...nothing('cid udid ip sourceip source_ip'),
];

/**
 * What has a parameter of its own in their links and none in ours, and is put into sub-ids by agreement: TUNE's click id and unique values
 * of an affiliate, Voluum's variables of a traffic source.
 */
const AGREED: Readonly<Partial<Record<MacroSystem, readonly Row[]>>> = {
  tune: [['aff_click_id', 'sub6'], ...numbered('aff_unique', 5, SUBS.slice(6))],
  voluum: numbered('var', 10, SUBS.slice(1)),
};

const inBraces = (rows: readonly Row[]): MacroTable => new Map(rows.map(([name, meaning]) => [`{${name}}`, meaning]));

/** The macros of other systems, as they are written there. */
export const systemTables: Readonly<Record<MacroSystem, MacroTable>> = {
  tune: inBraces([...TUNE, ...(AGREED.tune ?? [])]),
  everflow: inBraces(EVERFLOW),
  affise: inBraces(AFFISE),
  voluum: inBraces([...VOLUUM, ...(AGREED.voluum ?? [])]),
  cake: new Map(CAKE.map(([name, meaning]) => [`#${name}#`, meaning])),
};

/** What those systems are called. */
export const systemTitles: Readonly<Record<MacroSystem, string>> = {
  tune: 'TUNE',
  everflow: 'Everflow',
  affise: 'Affise',
  voluum: 'Voluum',
  cake: 'CAKE',
};

/** What `{status}` says; `held` of a pending lead whose hold runs, else as `pending`. */
export type StatusWords = Readonly<
  Partial<Record<'pending' | 'held' | 'confirmed' | 'rejected' | 'reversed', string | undefined>>
>;

/** The words of systems that have a macro for the status: Affise's numbers, and CAKE's dispositions. */
export const systemStatuses: Readonly<Partial<Record<MacroSystem, StatusWords>>> = {
  affise: { confirmed: '1', pending: '2', rejected: '3', reversed: '3', held: '5' },
  cake: { confirmed: 'Approved', pending: 'Pending', rejected: 'Rejected', reversed: 'Rejected' },
};

/** The systems that know a macro. */
export const systemsOf = (macro: string): MacroSystem[] =>
  macroSystems.filter((system) => systemTables[system].has(macro));

const OWN: MacroTable = new Map(postbackMacros.map((name) => [`{${name}}`, name]));

const agreed = new Set(inBraces(Object.values(AGREED).flat()).keys());

/** A status has the words of its system, and so means something else by another name. */
const isUnambiguous = (macro: string): boolean => {
  const [meaning, ...others] = new Set(systemsOf(macro).map((system) => systemTables[system].get(macro)));
  return meaning !== null && meaning !== 'status' && others.length === 0 && !agreed.has(macro) && !OWN.has(macro);
};

/** Ours, and what others call theirs where that means the same at all that know it. */
const unambiguous: MacroTable = new Map([
  ...OWN,
  ...Object.values(systemTables).flatMap((table) => [...table].filter(([macro]) => isUnambiguous(macro))),
]);

/** The macros that a template may have: those of a system or, where none is named, ours with the unambiguous ones of all. */
export const macroTable = (system: MacroSystem | undefined): MacroTable =>
  system === undefined ? unambiguous : systemTables[system];

/**
 * Why macros need to be told whose they are, as a phrase; undefined where they need not. Those of several systems beside each other, or of
 * one beside what means or says something else there, would be filled with what nobody meant. What several systems call so is of each
 * that knows all that is written. `statuses`: the receiver's words are given.
 */
export function mixtureProblem(written: readonly string[], statuses: StatusWords | undefined): string | undefined {
  const foreign = written.filter((macro) => !OWN.has(macro) && unambiguous.has(macro));
  const peculiar = foreign.flatMap((macro) => {
    const [system, ...others] = systemsOf(macro);
    return system === undefined || others.length > 0 ? [] : [{ macro, system }];
  });
  const [first] = peculiar;
  const other = peculiar.find(({ system }) => system !== first?.system);
  if (first !== undefined && other !== undefined)
    return `must be said, as ${first.macro} is of ${systemTitles[first.system]} and ${other.macro} of ${systemTitles[other.system]}: or write ours`;
  const macro = first?.macro ?? foreign[0];
  if (macro === undefined) return undefined;
  const possible =
    first === undefined
      ? macroSystems.filter((system) => written.every((one) => systemTables[system].has(one)))
      : [first.system];
  const doubts = possible.flatMap((system) => {
    const doubtful = written.find((one) => saysElse(one, system, statuses));
    return doubtful === undefined ? [] : [{ system, doubtful }];
  });
  const [doubt] = doubts;
  if (doubt === undefined) return undefined;
  const names = doubts.map(({ system }) => system).join(' or ');
  const titles = doubts.map(({ system }) => systemTitles[system]).join(' or ');
  return `must be ${names}, as ${macro} is of ${titles} and ${doubt.doubtful} says something else there: or write ours, {${unambiguous.get(macro)}}`;
}

/** Whether a macro that is taken for ours means something else in a system, or has words of its own there. */
function saysElse(macro: string, system: MacroSystem, statuses: StatusWords | undefined): boolean {
  const meaning = systemTables[system].get(macro);
  if (meaning === undefined) return false;
  return (
    unambiguous.get(macro) !== meaning ||
    (meaning === 'status' && systemStatuses[system] !== undefined && statuses === undefined)
  );
}
