import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createDocumentFiles,
  createRenderedFiles,
  createRenderedLinks,
} from '../../../shared/adapters/s3/documents.ts';
import { createObjectStore } from '../../../shared/adapters/s3/objects.ts';
import { useEngines } from '../../support/engines.ts';

const { env } = await useEngines();
const bucket = { bucketName: env.DOCUMENTS_BUCKET_NAME };
const files = createDocumentFiles(bucket);
const rendered = createRenderedFiles(bucket);
const links = createRenderedLinks(bucket);

async function* pieces(...texts: string[]) {
  yield* texts;
}

describe('files of documents', () => {
  it('are found by their digests, which never change', async () => {
    const text = '{"month":"2025-11","transactionId":"ä"}\n';
    const digest = await files.put('annexes', text);
    expect(digest).toBe(createHash('sha256').update(text).digest('hex'));
    expect(await files.put('annexes', text)).toBe(digest);
    expect(await files.get('annexes', digest)).toBe(text);
    await expect(files.get('bodies', digest)).rejects.toThrow();
  });

  it('are not handed out when somebody changed them', async () => {
    const digest = await files.put('bodies', '{"lines":[]}');
    await createObjectStore(bucket.bucketName).put(`bodies/${digest}`, '{"lines":[1]}', 'application/json');
    await expect(files.get('bodies', digest)).rejects.toThrow(/is not what it was/);
  });
});

describe('rendered files', () => {
  it('open by a link without a key, whatever their size', async () => {
    const large = 'x'.repeat(9 * 1024 * 1024);
    await rendered.write('INV-2026-000001.csv', 'text/csv; charset=utf-8', pieces('number\r\n', large, 'ä'));
    const answer = await fetch((await links.link('INV-2026-000001.csv'))!);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(await answer.text()).toBe(`number\r\n${large}ä`);
  });

  it('have no link before they are written', async () => {
    expect(await links.link('INV-2026-000002.csv')).toBeUndefined();
  });

  it('stay as they are once they are written', async () => {
    await rendered.write('INV-2026-000004.csv', 'text/csv', pieces('first'));
    await rendered.write('INV-2026-000004.csv', 'text/csv', pieces('second'));
    const answer = await fetch((await links.link('INV-2026-000004.csv'))!);
    expect(await answer.text()).toBe('first');
  });

  it('are not there when writing them failed on the way', async () => {
    const failing = async function* () {
      yield 'number\r\n';
      throw new Error('no more');
    };
    await expect(rendered.write('INV-2026-000003.csv', 'text/csv', failing())).rejects.toThrow('no more');
    expect(await links.link('INV-2026-000003.csv')).toBeUndefined();
  });
});
