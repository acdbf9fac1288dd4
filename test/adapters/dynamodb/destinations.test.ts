import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import {
  createDestinationReader,
  createDestinationStore,
  createOwnDestinations,
} from '../../../shared/adapters/dynamodb/destinations.ts';
import { createCipher } from '../../../shared/adapters/kms/cipher.ts';
import { MAX_OWN_DESTINATIONS } from '../../../shared/ports/destinations.ts';
import { VersionConflict } from '../../../shared/ports/errors.ts';
import { ADVERTISER_ID, AFFILIATE_ID, later, NOW } from '../../support/builders.ts';
import { postbackDestination, SECRET, webhookDestination } from '../../support/destinations.ts';
import { useEngines } from '../../support/engines.ts';

const engines = await useEngines();
const table = { client: engines.documents, tableName: engines.env.CONNECTIONS_TABLE_NAME };
const store = createDestinationStore({ ...table, cipher: createCipher({ prefix: engines.env.SECRETS_PREFIX }) });

const postback = postbackDestination({
  destinationId: 'dst_1',
  label: 'Mine',
  campaigns: ['cmp_1'],
  macros: 'affise',
  statuses: { confirmed: '1' },
  templates: [{ method: 'POST', url: 'https://t.example/', body: 'a={sub1}', leadEvents: ['sale'] }],
});
const webhook = webhookDestination({ destinationId: 'dst_2', advertiserId: ADVERTISER_ID });
const secrets = {
  current: SECRET,
  previous: [
    { secret: `${SECRET}A`, until: NOW },
    { secret: `${SECRET}B`, until: later(NOW, 1000) },
  ],
};

it('keeps destinations with their secrets sealed, finds them by id and by owner, and forgets them', async () => {
  let nowMs = 0;
  const own = createOwnDestinations(table, () => nowMs);
  expect(await own({ affiliateId: AFFILIATE_ID })).toEqual([]);

  await store.create({ destination: postback });
  await store.create({ destination: webhook, secrets });
  expect(await store.get('dst_1')).toEqual({ destination: postback, secrets: undefined });
  expect(await store.get('dst_2')).toEqual({ destination: webhook, secrets });
  const { Items = [] } = await engines.documents.send(new ScanCommand({ TableName: table.tableName }));
  expect(
    JSON.stringify(Items, (_key, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    ),
  ).not.toContain(SECRET.slice(6));

  expect(await store.list(undefined, 1)).toEqual({ items: [postback], position: 'dst_1' });
  expect(await store.list(undefined, 1, 'dst_1')).toEqual({ items: [webhook], position: undefined });
  expect((await store.list({ advertiserId: ADVERTISER_ID }, 10)).items).toEqual([webhook]);
  expect((await store.list({}, 10)).items).toEqual([]);

  // Who has none is asked after again as soon as who has some.
  expect(await own({ affiliateId: AFFILIATE_ID })).toEqual([]);
  nowMs += 4000;
  expect(await own({ affiliateId: AFFILIATE_ID })).toEqual([postback]);

  const paused = { ...postback, status: 'paused' as const, version: 2 };
  await store.replace({ destination: paused });
  await expect(store.replace({ destination: paused })).rejects.toThrow(VersionConflict);
  await expect(store.create({ destination: postback })).rejects.toThrow(VersionConflict);
  nowMs += 3999;
  expect(await own({ affiliateId: AFFILIATE_ID })).toEqual([postback]);
  nowMs += 1;
  expect(await own({ affiliateId: AFFILIATE_ID })).toEqual([paused]);

  const read = createDestinationReader(store, () => nowMs);
  expect(await read('dst_2')).toEqual({ destination: webhook, secrets });
  await store.remove('dst_1');
  await store.remove('dst_1');
  await store.remove('dst_2');
  expect(await read('dst_2')).toEqual({ destination: webhook, secrets });
  nowMs += 4000;
  expect(await read('dst_2')).toBeUndefined();
  expect(await store.get('dst_1')).toBeUndefined();
});

it('tells of one more than an owner may have, as two may be made at the same moment: none is told nothing', async () => {
  const affiliateId = 'aff_many';
  const many = Array.from({ length: MAX_OWN_DESTINATIONS + 1 }, (_, n) =>
    postbackDestination({ destinationId: `dst_many_${n}`, affiliateId }),
  );
  await Promise.all(many.map((destination) => store.create({ destination })));
  expect(await createOwnDestinations(table)({ affiliateId })).toHaveLength(many.length);
});
