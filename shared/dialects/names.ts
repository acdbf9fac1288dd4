/** Every dialect by its name, as `POST /v1/endpoints` takes it. */
export const dialectNames = [
  'adjust',
  'affise',
  'appsflyer',
  'binom',
  'branch',
  'cake',
  'everflow',
  'form',
  'google_ads',
  'impact',
  'keitaro',
  'linkedin',
  'meta',
  'prosper202',
  'redtrack',
  'shopify',
  'singular',
  'tiktok',
  'tune',
  'vk',
  'voluum',
  'woocommerce',
] as const;

export type DialectName = (typeof dialectNames)[number];
