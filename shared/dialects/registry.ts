import { adjust } from './adjust.ts';
import { affise } from './affise.ts';
import { appsflyer } from './appsflyer.ts';
import { binom } from './binom.ts';
import { branch } from './branch.ts';
import { cake } from './cake.ts';
import type { Dialect } from './dialect.ts';
import { everflow } from './everflow.ts';
import { form } from './form.ts';
import { googleAds } from './google-ads.ts';
import { impact } from './impact.ts';
import { keitaro } from './keitaro.ts';
import { linkedin } from './linkedin.ts';
import { meta } from './meta.ts';
import type { DialectName } from './names.ts';
import { prosper202 } from './prosper202.ts';
import { redtrack } from './redtrack.ts';
import { shopify } from './shopify.ts';
import { singular } from './singular.ts';
import { tiktok } from './tiktok.ts';
import { tune } from './tune.ts';
import { vk } from './vk.ts';
import { voluum } from './voluum.ts';
import { woocommerce } from './woocommerce.ts';

/** Every dialect that is spoken, by its name. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  adjust,
  affise,
  appsflyer,
  binom,
  branch,
  cake,
  everflow,
  form,
  google_ads: googleAds,
  impact,
  keitaro,
  linkedin,
  meta,
  prosper202,
  redtrack,
  shopify,
  singular,
  tiktok,
  tune,
  vk,
  voluum,
  woocommerce,
};

export const dialectOf = (name: DialectName): Dialect => dialects[name];
