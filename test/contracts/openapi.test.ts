import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { createApiDescription, operations } from '../../shared/contracts/openapi.ts';
import { routes } from '../../shared/contracts/routes.ts';
import { reasons } from '../../shared/domain/leads/reasons.ts';

const description = JSON.parse(JSON.stringify(createApiDescription('1.2.3')));

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly responses: Readonly<Record<string, object>>;
}

const described: readonly (readonly [string, Described])[] = Object.entries<Record<string, Described>>(
  description.paths,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
);

describe('the description of the API', () => {
  it('is OpenAPI 3.1', async () => {
    expect(description).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
    expect(await new Validator().validate(structuredClone(description))).toEqual({ valid: true });
  });

  it('describes every route, and no other', () => {
    const keys = routes.map(({ method, path }) => `${method} ${path}`).sort();
    expect(described.map(([key]) => key).sort()).toEqual(keys.map((key) => key.replace('+}', '}')).sort());
    expect(Object.keys(operations).sort()).toEqual(keys);
  });

  it('names each operation once', () => {
    const ids = described.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(described)('describes %s', (key, operation) => {
    expect(operation.summary).not.toBe('');
    expect(description.tags.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining([...operation.tags]),
    );
    const inPath = [...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(parameters.map(({ name }) => name).sort()).toEqual(inPath.sort());
    expect(parameters.every(({ required }) => required)).toBe(true);
    expect(Object.keys(operation.responses).some((status) => /^[23]/.test(status))).toBe(true);
    expect(operation.responses).toHaveProperty('default');
  });

  it.each(described.filter(([key]) => key.includes(' /v1/')))(
    'asks for a key at %s',
    (_key, { security, responses }) => {
      expect(security).toEqual([{ bearer: [] }]);
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403']));
    },
  );

  it('tells every reason of a verdict', () => {
    const postback = description.paths['/postback'].get.description;
    for (const reason of Object.keys(reasons)) expect(postback).toContain(`\`${reason}\``);
  });

  it('shows no field that is only there to be refused', () => {
    expect(JSON.stringify(description)).not.toContain('"not":');
    const { properties } =
      description.paths['/v1/campaigns/{campaignId}'].patch.requestBody.content['application/json'].schema;
    expect(Object.keys(properties)).not.toContain('charge');
  });

  it('asks nothing to be two closed shapes at once, which nothing is', () => {
    const joins: { readonly additionalProperties?: unknown }[][] = [];
    JSON.stringify(description, (name, value) => {
      if (name === 'allOf') joins.push(value);
      return value;
    });
    expect(joins.filter((parts) => parts.some(({ additionalProperties }) => additionalProperties === false))).toEqual(
      [],
    );
  });

  it('gives the limit of lists as the number it is', () => {
    const { parameters } = description.paths['/v1/keys'].get;
    expect(parameters.find(({ name }: { name: string }) => name === 'limit').schema).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 100,
    });
  });
});
