import type { TableModel } from '../../../infra/local/model.ts';

/** The names of the attributes that make up a key. */
export interface KeySchema {
  readonly partition: string;
  readonly sort: string | undefined;
}

export interface IndexSchema extends KeySchema {
  readonly name: string;
  /** The attributes that the index carries; undefined for all. */
  readonly attributes: readonly string[] | undefined;
}

export type StreamView = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

export interface TableSchema extends KeySchema {
  readonly name: string;
  readonly indexes: readonly IndexSchema[];
  readonly stream: StreamView | undefined;
  readonly timeToLive: string | undefined;
}

interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

/** What `CreateTable` is given, as far as the engine plays it. */
interface CreateTable {
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly KeySchema: readonly KeyElement[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly KeySchema: readonly KeyElement[];
    readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
  }[];
  readonly StreamSpecification?: { readonly StreamViewType: StreamView };
}

/**
 * The tables of the template that is deployed, as the engine plays them. Throws a sentence on keys that are not text: the template has
 * none.
 */
export const tableSchemas = (tables: readonly TableModel[]): readonly TableSchema[] => tables.map(schemaOf);

function schemaOf({ name, create, timeToLiveAttribute }: TableModel): TableSchema {
  const {
    AttributeDefinitions,
    KeySchema,
    GlobalSecondaryIndexes = [],
    StreamSpecification,
  } = create as unknown as CreateTable;
  const other = AttributeDefinitions.find(({ AttributeType }) => AttributeType !== 'S');
  if (other !== undefined) throw new Error(`${name} has a key ${other.AttributeName} that is not text`);
  const key = keySchemaOf(KeySchema);
  return {
    name,
    ...key,
    indexes: GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => {
      const indexKey = keySchemaOf(KeySchema);
      const carried = [...namesIn(key), ...namesIn(indexKey), ...(Projection.NonKeyAttributes ?? [])];
      return {
        name: IndexName,
        ...indexKey,
        attributes: Projection.ProjectionType === 'ALL' ? undefined : [...new Set(carried)],
      };
    }),
    stream: StreamSpecification?.StreamViewType,
    timeToLive: timeToLiveAttribute,
  };
}

const keySchemaOf = (elements: readonly KeyElement[]): KeySchema => ({
  partition: elements.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '',
  sort: elements.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName,
});

export const namesIn = ({ partition, sort }: KeySchema): readonly string[] =>
  sort === undefined ? [partition] : [partition, sort];
