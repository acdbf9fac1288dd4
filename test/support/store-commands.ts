/** Arbitrary commands to a store: few keys, so that they meet, and every kind of attribute, expression and mistake. */
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import type { TableModel } from '../../infra/local/model.ts';

const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE' = 'HASH') => ({ AttributeName, KeyType });
const index = (IndexName: string, partition: string, sort: string, Projection: object) => ({
  IndexName,
  KeySchema: [key(partition), key(sort, 'RANGE')],
  Projection,
});
const BOTH_IMAGES = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };

/** A table with a sort key and an index of each projection, and one without. */
export function storeTables(prefix: string): readonly [withSortKey: TableModel, withoutSortKey: TableModel] {
  const text = (...names: string[]) => names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' }));
  const many = {
    TableName: `${prefix}-many`,
    AttributeDefinitions: text('pk', 'sk', 'g', 'h'),
    KeySchema: [key('pk'), key('sk', 'RANGE')],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      index('all', 'g', 'h', { ProjectionType: 'ALL' }),
      index('some', 'g', 'sk', { ProjectionType: 'INCLUDE', NonKeyAttributes: ['n', 'm'] }),
      index('keys', 'h', 'g', { ProjectionType: 'KEYS_ONLY' }),
    ],
    StreamSpecification: BOTH_IMAGES,
  };
  const one = {
    TableName: `${prefix}-one`,
    AttributeDefinitions: text('id', 'g', 'h'),
    KeySchema: [key('id')],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [index('all', 'g', 'h', { ProjectionType: 'ALL' })],
    StreamSpecification: BOTH_IMAGES,
  };
  return [
    { name: many.TableName, create: many, timeToLiveAttribute: undefined },
    { name: one.TableName, create: one, timeToLiveAttribute: undefined },
  ];
}

type Attributes = Record<string, unknown>;

const without = (input: object): Attributes =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
const text = fc.constantFrom('a', 'b', 'ab', 'abc', 'é', '\u{1F600}', '\uFF5E', '');
const number = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<number | bigint>(0, 1, 2, 3, -1, 10) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<number | bigint>(2 ** 53 - 1, 5n, 2n ** 53n, -(2n ** 60n), 10n ** 37n),
  },
);
const bytes = fc.constantFrom([], [1], [1, 2], [255]).map((list) => new Uint8Array(list));
const sets = fc.oneof(
  fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }).map((list) => new Set(list)),
  // Fractions are in sets alone: added to what is beyond 2^53 they make sums that the document client cannot read.
  fc.uniqueArray(fc.constantFrom(1, 2.5, -0.1), { minLength: 1 }).map((list) => new Set(list)),
  fc
    .uniqueArray(fc.constantFrom(1, 2), { minLength: 1 })
    .map((list) => new Set(list.map((byte) => new Uint8Array([byte])))),
);
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null), bytes);
const list = fc.array(fc.oneof({ weight: 3, arbitrary: number }, text), { maxLength: 3 });
const map = fc.record({ a: number, b: fc.oneof(fc.record({ a: number }), scalar), l: list }, { requiredKeys: [] });
const anything: fc.Arbitrary<unknown> = fc.oneof(scalar, scalar, list, map, sets);

/** Values that mostly fit their attribute: `n` numbers, `t` text, `l` lists, `m` maps, `s` sets, `x` anything. */
const OF: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  n: number,
  t: text,
  l: list,
  m: map,
  s: sets,
  x: anything,
};
const valueFor = (name: string): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: OF[name] ?? anything }, { weight: 1, arbitrary: anything });

const attributesWith = (indexKey: fc.Arbitrary<unknown>) =>
  fc
    .tuple(
      fc.record({ n: valueFor('n'), t: valueFor('t'), l: valueFor('l'), m: valueFor('m'), s: valueFor('s') }),
      fc.record({ x: anything, g: indexKey, h: indexKey }, { requiredKeys: [] }),
      fc.option(fc.constantFrom('n', 't', 'l', 'm', 's'), { freq: 4 }),
    )
    .map(([known, rest, missing]) => without({ ...known, ...rest, ...(missing !== null && { [missing]: undefined }) }));
const attributes = attributesWith(
  fc.oneof({ weight: 30, arbitrary: fc.constantFrom('g', 'gh') }, { weight: 1, arbitrary: fc.constantFrom('', 7) }),
);

type Part = string | number;
/** `status` is a reserved word, so that it needs a placeholder. */
const PATHS: readonly Part[][] = [
  ['n'],
  ['t'],
  ['l'],
  ['m'],
  ['s'],
  ['x'],
  ['g'],
  ['status'],
  ['m', 'a'],
  ['m', 'b'],
  ['m', 'b', 'a'],
  ['m', 'l', 0],
  ['l', 0],
  ['l', 1],
  ['l', 7],
  ['x', 'y'],
];
const path: fc.Arbitrary<Part[]> = fc.constantFrom(...PATHS);
/** Paths that do not meet, except by mistake. */
const apart = (one: fc.Arbitrary<Part[]>, maxLength: number): fc.Arbitrary<Part[][]> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.uniqueArray(one, { minLength: 1, maxLength, selector: ([name]) => name }) },
    { weight: 1, arbitrary: fc.array(one, { minLength: 1, maxLength }) },
  );
/** Paths that updates write to: what they lie in is mostly there. */
const targets = apart(
  fc.constantFrom<Part[]>(
    ['n'],
    ['n'],
    ['t'],
    ['l'],
    ['m'],
    ['s'],
    ['s'],
    ['x'],
    ['g'],
    ['status'],
    ['m', 'a'],
    ['m', 'b'],
    ['l', 0],
  ),
  4,
);
const numberPath = fc.constantFrom<Part[]>(['n'], ['n'], ['m', 'a']);
const listPath = fc.constantFrom<Part[]>(['l'], ['l'], ['l'], ['m', 'l'], ['x']);

/** The text of an expression; names and values that it needs are put among those of its command. */
type Render = (command: { names: Record<string, string>; values: Attributes }) => string;

function renderPath(parts: readonly Part[], isNamed: boolean): Render {
  return ({ names }) =>
    parts
      .map((part, at) => {
        if (typeof part === 'number') return `[${part}]`;
        const name = isNamed || part === 'status' ? `#${part}` : part;
        if (name.startsWith('#')) names[name] = part;
        return at === 0 ? name : `.${name}`;
      })
      .join('');
}

const rendered = (paths: fc.Arbitrary<Part[]>): fc.Arbitrary<Render> =>
  fc.tuple(paths, fc.boolean()).map(([parts, isNamed]) => renderPath(parts, isNamed));
const renderedPath = rendered(path);
const renderedValue = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Render> =>
  value.map((given) => ({ values }) => {
    const name = `:v${Object.keys(values).length}`;
    values[name] = given;
    return name;
  });

const concat =
  (...parts: readonly (string | Render)[]): Render =>
  (command) =>
    parts.map((part) => (typeof part === 'string' ? part : part(command))).join('');
const joined =
  (parts: readonly Render[], separator: string): Render =>
  (command) =>
    parts.map((part) => part(command)).join(separator);

/** A value of the kind that an attribute mostly has. */
const fitting = (parts: readonly Part[], scalarsOnly = false): fc.Arbitrary<Render> => {
  const [name] = parts.length === 1 ? parts : ['n'];
  return renderedValue(scalarsOnly ? (name === 't' || name === 'g' ? text : number) : valueFor(String(name)));
};
const pathAndValue = (scalarsOnly: boolean) =>
  fc
    .tuple(path, fc.boolean())
    .chain(([parts, isNamed]) =>
      fitting(parts, scalarsOnly).map((value) => ({ path: renderPath(parts, isNamed), value })),
    );
const equality = fc.constantFrom(' = ', ' <> ');
const ordering = fc.constantFrom(' < ', ' <= ', ' > ', ' >= ');
const comparator = fc.oneof(equality, ordering);
const ascending = (low: unknown, high: unknown): boolean =>
  typeof low === 'string'
    ? Buffer.compare(Buffer.from(low), Buffer.from(high as string)) <= 0
    : (low as number) <= (high as number);
const bounds = (values: fc.Arbitrary<unknown>): fc.Arbitrary<[Render, Render]> =>
  fc
    .tuple(values, values)
    .chain(
      ([one, other]) =>
        fc.tuple(
          ...(ascending(one, other) ? [one, other] : [other, one]).map((value) => renderedValue(fc.constant(value))),
        ) as fc.Arbitrary<[Render, Render]>,
    );
const smallNumber = renderedValue(fc.constantFrom(0, 1, 2));

const anyCondition: fc.Arbitrary<Render> = fc.letrec<{ condition: Render }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    renderedPath.map((at) => concat('attribute_exists(', at, ')')),
    renderedPath.map((at) => concat('attribute_not_exists(', at, ')')),
    fc.tuple(pathAndValue(false), equality).map(([{ path: at, value }, sign]) => concat(at, sign, value)),
    fc.tuple(pathAndValue(true), ordering).map(([{ path: at, value }, sign]) => concat(at, sign, value)),
    fc.tuple(pathAndValue(true), comparator).map(([{ path: at, value }, sign]) => concat(value, sign, at)),
    fc.tuple(renderedPath, comparator, renderedPath).map(([left, sign, right]) => concat(left, sign, right)),
    fc.tuple(renderedPath, comparator, smallNumber).map(([at, sign, size]) => concat('size(', at, ')', sign, size)),
    fc.tuple(renderedPath, bounds(number)).map(([at, [low, high]]) => concat(at, ' BETWEEN ', low, ' AND ', high)),
    fc.tuple(renderedPath, bounds(text)).map(([at, [low, high]]) => concat(at, ' BETWEEN ', low, ' AND ', high)),
    fc
      .tuple(renderedPath, fc.array(renderedValue(anything), { minLength: 1, maxLength: 3 }))
      .map(([at, values]) => concat(at, ' IN (', joined(values, ', '), ')')),
    fc.tuple(renderedPath, renderedValue(text)).map(([at, prefix]) => concat('begins_with(', at, ', ', prefix, ')')),
    fc.tuple(renderedPath, renderedValue(scalar)).map(([at, part]) => concat('contains(', at, ', ', part, ')')),
    fc
      .tuple(
        renderedPath,
        renderedValue(fc.constantFrom('S', 'N', 'B', 'SS', 'NS', 'BS', 'L', 'M', 'BOOL', 'NULL', 'no')),
      )
      .map(([at, type]) => concat('attribute_type(', at, ', ', type, ')')),
    fc.tuple(tie('condition'), tie('condition')).map(([left, right]) => concat(left, ' AND ', right)),
    fc.tuple(tie('condition'), tie('condition')).map(([left, right]) => concat(left, ' OR ', right)),
    fc.tuple(tie('condition'), tie('condition')).map(([left, right]) => concat('(', left, ') AND NOT (', right, ')')),
    tie('condition').map((of) => concat('NOT ', of)),
    tie('condition').map((of) => concat('(', of, ')')),
  ),
})).condition;
/** Conditions that hold as often as not. */
const condition = fc.oneof(
  anyCondition,
  fc
    .tuple(rendered(fc.constantFrom<Part[]>(['n'], ['t'], ['l'], ['x'])), fc.constantFrom('exists', 'not_exists'))
    .map(([at, word]) => concat(`attribute_${word}(`, at, ')')),
);

const orDefault = (paths: fc.Arbitrary<Part[]>, value: fc.Arbitrary<unknown>): fc.Arbitrary<Render> =>
  fc.oneof(
    rendered(paths),
    renderedValue(value),
    fc
      .tuple(rendered(paths), renderedValue(value))
      .map(([at, otherwise]) => concat('if_not_exists(', at, ', ', otherwise, ')')),
  );
const summand = orDefault(numberPath, number);
const listTerm = orDefault(listPath, list);

type Action = { readonly word: 'SET' | 'REMOVE' | 'ADD' | 'DELETE'; readonly render: Render };

/** What an update may do at a path. */
function actionAt(parts: readonly Part[], isNamed: boolean): fc.Arbitrary<Action> {
  const at = renderPath(parts, isNamed);
  const set = (weight: number, term: fc.Arbitrary<Render>) => ({
    weight,
    arbitrary: term.map((render): Action => ({ word: 'SET', render: concat(at, ' = ', render) })),
  });
  const change = (weight: number, word: 'ADD' | 'DELETE', value: fc.Arbitrary<unknown>) => ({
    weight,
    arbitrary: renderedValue(value).map((render): Action => ({ word, render: concat(at, ' ', render) })),
  });
  const sum = fc
    .tuple(summand, fc.constantFrom(' + ', ' - '), summand)
    .map(([left, sign, right]) => concat(left, sign, right));
  const otherwise = fc
    .tuple(renderedPath, fitting(parts))
    .map(([from, value]) => concat('if_not_exists(', from, ', ', value, ')'));
  const appended = fc.tuple(listTerm, listTerm).map(([left, right]) => concat('list_append(', left, ', ', right, ')'));
  const [name] = parts;
  return fc.oneof(
    set(6, fitting(parts)),
    set(name === 'n' ? 4 : 1, sum),
    set(1, rendered(fc.constantFrom<Part[]>(['n'], ['t'], ['l'], ['m'], ['s'], ['x']))),
    set(1, otherwise),
    set(name === 'l' ? 3 : 1, appended),
    // What is within something that is not there cannot be removed: one engine says so, the other takes it.
    ...(parts.length > 1 ? [] : [{ weight: 2, arbitrary: fc.constant<Action>({ word: 'REMOVE', render: at }) }]),
    change(name === 'n' ? 4 : 1, 'ADD', number),
    change(name === 's' ? 4 : 1, 'ADD', sets),
    ...(parts.length > 1 ? [] : [change(name === 's' ? 6 : 1, 'DELETE', sets)]),
  );
}

const update: fc.Arbitrary<Render> = targets
  .chain((paths) => fc.tuple(...paths.map((parts) => fc.boolean().chain((isNamed) => actionAt(parts, isNamed)))))
  .map((actions) =>
    joined(
      [...Map.groupBy(actions, ({ word }) => word)].map(([word, found]) =>
        concat(
          word,
          ' ',
          joined(
            found.map(({ render }) => render),
            ', ',
          ),
        ),
      ),
      ' ',
    ),
  );
const projection = apart(path, 3)
  .chain((paths) => fc.tuple(...paths.map((parts) => fc.boolean().map((isNamed) => renderPath(parts, isNamed)))))
  .map((paths) => joined(paths, ', '));

type Expressions = Readonly<Record<string, Render | undefined>>;

/** The expressions of a command with their names and values; sometimes with one that none of them uses. */
function expressions(given: Expressions, hasUnused: boolean): Attributes {
  const command = { names: {} as Record<string, string>, values: {} as Attributes };
  const texts = Object.entries(given).flatMap(([name, render]) =>
    render === undefined ? [] : [[name, render(command)]],
  );
  if (hasUnused) command.values[':unused'] = 1;
  return {
    ...Object.fromEntries(texts),
    ...(Object.keys(command.names).length > 0 && { ExpressionAttributeNames: command.names }),
    ...(Object.keys(command.values).length > 0 && { ExpressionAttributeValues: command.values }),
  };
}

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq });
const seldom = fc.nat(40).map((drawn) => drawn === 40);

/** Commands as names of their classes and inputs, so that a failing sequence can be read. */
export interface DrawnCommand {
  readonly name: keyof typeof COMMANDS;
  readonly input: Attributes;
}

const COMMANDS = {
  Get: GetCommand,
  Put: PutCommand,
  Update: UpdateCommand,
  Delete: DeleteCommand,
  Query: QueryCommand,
  Scan: ScanCommand,
  BatchGet: BatchGetCommand,
  BatchWrite: BatchWriteCommand,
  TransactGet: TransactGetCommand,
  TransactWrite: TransactWriteCommand,
} as const;

// biome-ignore lint/suspicious/noExplicitAny: the classes take inputs of many types
export const commandOf = ({ name, input }: DrawnCommand) => new (COMMANDS[name] as any)(input);

/** Sequences of commands to the tables that `storeTables` describes: some plain puts, then anything. */
export function storeCommands([many, one]: readonly [TableModel, TableModel]): fc.Arbitrary<DrawnCommand[]> {
  const wrongKey = fc.constantFrom<Attributes>(
    {},
    { pk: 'p' },
    { pk: '', sk: 'a' },
    { pk: 1, sk: 'a' },
    { id: 'i', sk: 'a' },
  );
  const keyOf = (table: TableModel): fc.Arbitrary<Attributes> =>
    table === many
      ? fc.record({ pk: fc.constantFrom('p', 'q'), sk: fc.constantFrom('a', 'ab', 'b') })
      : fc.record({ id: fc.constantFrom('i', 'j', 'k') });
  const table = fc.oneof({ weight: 3, arbitrary: fc.constant(many) }, { weight: 1, arbitrary: fc.constant(one) });
  const targetWith = (keyed: (table: TableModel) => fc.Arbitrary<Attributes>) =>
    table.chain((its) => fc.record({ TableName: fc.constant(its.name), key: keyed(its) }));
  const target = fc.oneof(
    { weight: 60, arbitrary: targetWith(keyOf) },
    { weight: 1, arbitrary: targetWith(() => wrongKey) },
  );
  const returnValuesOnFailure = fc.constantFrom(undefined, 'ALL_OLD');

  const putInput = fc
    .tuple(target, attributes, maybe(condition), returnValuesOnFailure, seldom)
    .map(([{ TableName, key: itemKey }, rest, ConditionExpression, onFailure, hasUnused]) =>
      without({
        TableName,
        Item: { ...rest, ...itemKey },
        ...expressions({ ConditionExpression }, hasUnused),
        ReturnValuesOnConditionCheckFailure: onFailure,
      }),
    );
  const updateInput = fc
    .tuple(target, update, maybe(condition), returnValuesOnFailure, seldom)
    .map(([{ TableName, key: Key }, UpdateExpression, ConditionExpression, onFailure, hasUnused]) =>
      without({
        TableName,
        Key,
        ...expressions({ UpdateExpression, ConditionExpression }, hasUnused),
        ReturnValuesOnConditionCheckFailure: onFailure,
      }),
    );
  const deleteInput = fc
    .tuple(target, maybe(condition), returnValuesOnFailure)
    .map(([{ TableName, key: Key }, ConditionExpression, onFailure]) =>
      without({
        TableName,
        Key,
        ...expressions({ ConditionExpression }, false),
        ReturnValuesOnConditionCheckFailure: onFailure,
      }),
    );
  const checkInput = fc
    .tuple(target, condition, returnValuesOnFailure)
    .map(([{ TableName, key: Key }, ConditionExpression, onFailure]) =>
      without({
        TableName,
        Key,
        ...expressions({ ConditionExpression }, false),
        ReturnValuesOnConditionCheckFailure: onFailure,
      }),
    );
  const getInput = fc
    .tuple(target, maybe(projection), maybe(fc.boolean()))
    .map(([{ TableName, key: Key }, ProjectionExpression, ConsistentRead]) =>
      without({ TableName, Key, ConsistentRead, ...expressions({ ProjectionExpression }, false) }),
    );

  const returning = (input: fc.Arbitrary<Attributes>, ...values: readonly (string | undefined)[]) =>
    fc
      .tuple(input, fc.constantFrom(undefined, ...values))
      .map(([given, ReturnValues]) => without({ ...given, ReturnValues }));

  const sortCondition = (name: string): fc.Arbitrary<Render> => {
    const bound = renderedValue(
      fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom('a', 'ab', 'b', 'g', 'gh') },
        { weight: 1, arbitrary: anything },
      ),
    );
    return fc.oneof(
      fc
        .tuple(fc.constantFrom(' = ', ' < ', ' <= ', ' > ', ' >= '), bound)
        .map(([sign, value]) => concat(name, sign, value)),
      fc.tuple(bound, bound).map(([low, high]) => concat(name, ' BETWEEN ', low, ' AND ', high)),
      bound.map((prefix) => concat('begins_with(', name, ', ', prefix, ')')),
    );
  };
  const keyCondition = (partition: string, sort: string | undefined, value: string): fc.Arbitrary<Render> => {
    const whole = renderedValue(
      fc.oneof({ weight: 60, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: anything }),
    ).map((rendered) => concat(partition, ' = ', rendered));
    if (sort === undefined) return whole;
    return fc.oneof(
      whole,
      fc.tuple(whole, sortCondition(sort)).map(([left, right]) => concat(left, ' AND ', right)),
    );
  };
  const samples: Readonly<Record<string, readonly string[]>> = {
    pk: ['p', 'q'],
    sk: ['a', 'ab', 'b'],
    g: ['g', 'gh'],
    h: ['g', 'gh'],
    id: ['i', 'j'],
  };
  const sampleOf = (name: string) => fc.constantFrom(...(samples[name] ?? []));
  const places = [
    { TableName: many.name, IndexName: undefined, partition: 'pk', sort: 'sk', others: [] },
    { TableName: many.name, IndexName: 'all', partition: 'g', sort: 'h', others: ['pk', 'sk'] },
    { TableName: many.name, IndexName: 'some', partition: 'g', sort: 'sk', others: ['pk'] },
    { TableName: many.name, IndexName: 'keys', partition: 'h', sort: 'g', others: ['pk', 'sk'] },
    { TableName: one.name, IndexName: undefined, partition: 'id', sort: undefined, others: [] },
    { TableName: one.name, IndexName: 'all', partition: 'g', sort: 'h', others: ['id'] },
  ];
  type Place = (typeof places)[number];
  /** Where a page may begin: in the partition that is asked for, except by mistake. The real engine here begins anew where there is no sort key. */
  const startKey = ({ partition, sort, others }: Place, value: string): fc.Arbitrary<Attributes | undefined> => {
    if (sort === undefined) return fc.constant(undefined);
    const rest = Object.fromEntries([sort, ...others].map((name) => [name, sampleOf(name)]));
    const first = fc.oneof(
      { weight: 20, arbitrary: fc.constant(value) },
      { weight: 1, arbitrary: sampleOf(partition) },
    );
    return maybe(fc.record({ [partition]: first, ...rest }));
  };
  const listing = {
    filter: maybe(condition),
    projection: maybe(projection),
    Limit: fc.constantFrom(undefined, undefined, 1, 2, 3),
    ConsistentRead: fc.constantFrom(undefined, undefined, undefined, undefined, true),
    Select: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 'COUNT'),
  };
  const queryInput = fc
    .constantFrom(...places)
    .chain((place) => sampleOf(place.partition).map((value) => ({ place, value })))
    .chain(({ place, value }) =>
      fc
        .record({
          ...listing,
          keyCondition: keyCondition(place.partition, place.sort, value),
          ScanIndexForward: maybe(fc.boolean()),
          ExclusiveStartKey: startKey(place, value),
          hasUnused: seldom,
        })
        .map(({ keyCondition: KeyConditionExpression, filter, projection: paths, hasUnused, ...rest }) =>
          without({
            TableName: place.TableName,
            IndexName: place.IndexName,
            ...expressions(
              { KeyConditionExpression, FilterExpression: filter, ProjectionExpression: paths },
              hasUnused,
            ),
            ...rest,
          }),
        ),
    );
  // Pages of a scan come in the order of a hash that is the store's own: only whole scans can be compared.
  const scanInput = fc.constantFrom(...places).chain((place) =>
    fc
      .record({ ...listing, Limit: fc.constant(undefined) })
      .map(({ filter: FilterExpression, projection: ProjectionExpression, ...rest }) =>
        without({
          TableName: place.TableName,
          IndexName: place.IndexName,
          ...expressions({ FilterExpression, ProjectionExpression }, false),
          ...rest,
        }),
      ),
  );
  const perTable = <Entry>(entries: readonly { TableName: string; entry: Entry }[]): Record<string, Entry[]> =>
    Object.fromEntries(
      [...Map.groupBy(entries, ({ TableName }) => TableName)].map(([name, found]) => [
        name,
        found.map(({ entry }) => entry),
      ]),
    );
  const batchGetInput = fc
    .tuple(fc.array(target, { minLength: 1, maxLength: 4 }), maybe(projection))
    .map(([targets, ProjectionExpression]) => ({
      RequestItems: Object.fromEntries(
        Object.entries(perTable(targets.map(({ TableName, key: entry }) => ({ TableName, entry })))).map(
          ([name, Keys]) => [name, { Keys, ...expressions({ ProjectionExpression }, false) }],
        ),
      ),
    }));
  const batchWriteInput = fc
    .array(fc.tuple(target, maybe(attributes)), { minLength: 1, maxLength: 4 })
    .map((writes) => ({
      RequestItems: perTable(
        writes.map(([{ TableName, key: Key }, rest]) => ({
          TableName,
          entry: rest === undefined ? { DeleteRequest: { Key } } : { PutRequest: { Item: { ...rest, ...Key } } },
        })),
      ),
    }));
  const transactItem = fc.oneof(
    putInput.map((Put) => ({ Put })),
    updateInput.map((Update) => ({ Update })),
    deleteInput.map((Delete) => ({ Delete })),
    checkInput.map((ConditionCheck) => ({ ConditionCheck })),
  );
  const keyTextOf = (item: Readonly<Record<string, Attributes>>): string => {
    const [input = {}] = Object.values(item);
    const { pk, sk, id } = (input['Key'] ?? input['Item']) as Attributes;
    return [input['TableName'], pk, sk, id].join();
  };
  const transactItems = fc.oneof(
    { weight: 20, arbitrary: fc.uniqueArray(transactItem, { minLength: 1, maxLength: 4, selector: keyTextOf }) },
    { weight: 1, arbitrary: fc.array(transactItem, { minLength: 1, maxLength: 4 }) },
  );
  const transactWriteInput = fc
    .tuple(transactItems, fc.constantFrom(undefined, undefined, 'one', 'two'))
    .map(([TransactItems, ClientRequestToken]) => without({ TransactItems, ClientRequestToken }));
  const transactGetInput = fc.array(target, { minLength: 1, maxLength: 3 }).map((targets) => ({
    TransactItems: targets.map(({ TableName, key: Key }) => ({ Get: { TableName, Key } })),
  }));

  const drawn = (weight: number, name: DrawnCommand['name'], input: fc.Arbitrary<Attributes>) => ({
    weight,
    arbitrary: input.map((given): DrawnCommand => ({ name, input: given })),
  });
  const plainPut = fc.tuple(targetWith(keyOf), attributesWith(fc.constantFrom('g', 'gh'))).map(
    ([{ TableName, key: itemKey }, rest]): DrawnCommand => ({
      name: 'Put',
      input: { TableName, Item: { ...rest, ...itemKey } },
    }),
  );
  const command = fc.oneof(
    drawn(5, 'Put', returning(putInput, 'NONE', 'ALL_OLD')),
    drawn(6, 'Update', returning(updateInput, 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW')),
    drawn(1, 'Delete', returning(deleteInput, 'ALL_OLD')),
    drawn(1, 'Get', getInput),
    drawn(4, 'Query', queryInput),
    drawn(1, 'Scan', scanInput),
    drawn(1, 'BatchGet', batchGetInput),
    drawn(1, 'BatchWrite', batchWriteInput),
    drawn(1, 'TransactGet', transactGetInput),
    drawn(5, 'TransactWrite', transactWriteInput),
  );
  return fc
    .tuple(fc.array(plainPut, { minLength: 3, maxLength: 9 }), fc.array(command, { minLength: 1, maxLength: 15 }))
    .map(([puts, commands]) => [...puts, ...commands]);
}
