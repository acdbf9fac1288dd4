/** The store that the simulation plays is asked what a real engine is asked, and has to say the same. */
import { randomBytes } from 'node:crypto';
import { BatchWriteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createJsonService } from '../../infra/local/aws-json.ts';
import type { StreamReader, StreamRecord } from '../../infra/local/stream-reader.ts';
import { createStreamReader } from '../../infra/local/stream-reader.ts';
import { createEngine } from '../simulation/engine/engine.ts';
import { tableSchemas } from '../simulation/engine/schema.ts';
import { useEngines } from '../support/engines.ts';
import { commandOf, type DrawnCommand, storeCommands, storeTables } from '../support/store-commands.ts';

/** How many sequences are tried; some thousand more find nothing else. */
const SEQUENCES = Number.parseInt(process.env['STORE_SEQUENCES'] ?? '60', 10);
const MS_A_SEQUENCE = 200;

const { documents, env } = await useEngines({ applyEnv: false });
const tables = storeTables(`store-${randomBytes(4).toString('hex')}`);
const dynamodb = createJsonService(env.AWS_ENDPOINT_URL_DYNAMODB, 'dynamodb');
const streams = createJsonService(env.AWS_ENDPOINT_URL_DYNAMODB, 'streams');
const readers: readonly StreamReader[] = tables.map(({ name: tableName }) =>
  createStreamReader({ tableName, dynamodb, streams, start: undefined, startingPosition: 'TRIM_HORIZON' }),
);
const engine = createEngine({ tables: tableSchemas(tables), now: Date.now });
const lanes = tables.map(({ name }) => ({ lane: engine.streamOf(name).lanes[0]!, read: 0 }));

beforeAll(async () => {
  for (const { create } of tables) await dynamodb.call('CreateTable', create);
});
afterAll(() => {
  dynamodb.close();
  streams.close();
});

/** What a caller learns from a call, without what no caller can rely on. */
interface Outcome {
  readonly output?: Record<string, unknown>;
  readonly error?: string;
  readonly message?: string;
  readonly codes?: readonly (string | undefined)[];
  readonly items?: readonly unknown[];
}

async function outcomeOf(name: DrawnCommand['name'], call: () => unknown): Promise<Outcome> {
  try {
    const { $metadata: _none, ...output } = (await call()) as Record<string, unknown>;
    return { output: name === 'Scan' || name === 'BatchGet' ? sorted(output) : output };
  } catch (error) {
    const {
      name: kind,
      message,
      CancellationReasons,
      Item,
    } = error as {
      readonly name: string;
      readonly message: string;
      readonly CancellationReasons?: readonly { Code?: string; Item?: Parameters<typeof unmarshall>[0] }[];
      readonly Item?: Parameters<typeof unmarshall>[0];
    };
    const items = (CancellationReasons?.map((reason) => reason.Item) ?? [Item]).map((item) => item && unmarshall(item));
    return { error: kind, message, codes: CancellationReasons?.map(({ Code }) => Code) ?? [], items };
  }
}

/** Items in an order: neither engine promises any for scans and batches. */
function sorted(output: Record<string, unknown>): Record<string, unknown> {
  const { Items, Responses, ...rest } = output as { Items?: unknown[]; Responses?: Record<string, unknown[]> };
  const byKey = (items: readonly unknown[]) =>
    items.toSorted((left, right) => (keyText(left) < keyText(right) ? -1 : 1));
  return {
    ...rest,
    ...(Items !== undefined && { Items: byKey(Items) }),
    ...(Responses !== undefined && {
      Responses: Object.fromEntries(Object.entries(Responses).map(([name, items]) => [name, byKey(items)])),
    }),
  };
}

function keyText(item: unknown): string {
  return JSON.stringify(item, (_name, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (value instanceof Set) return [...value].map((element) => keyText(element)).sort();
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}

/** What DynamoDB refuses before it looks at any item, and the real engine here only when it comes to it, or not at all. */
const REFUSED_AT_ONCE = [
  'outside query boundaries',
  'BETWEEN operator requires',
  'Incorrect operand type',
  'Invalid attribute type name',
  'Condition parameter type',
  'does not match the schema',
  'cannot be empty',
  'does not carry',
  'overlap',
  'redundant parentheses',
  'unused',
  'only be specified when using expressions',
];

/** Where the real engine here is known not to do what DynamoDB does. */
const DIFFERENCES: readonly ((command: DrawnCommand, ours: Outcome, theirs: Outcome) => boolean)[] = [
  (_command, ours, theirs) =>
    ours.error === 'ValidationException' &&
    (theirs.codes?.includes('ValidationError') === true ||
      (theirs.error !== 'ValidationException' && REFUSED_AT_ONCE.some((part) => ours.message?.includes(part)))),
  // It tells the key of an item that was not there before.
  ({ name, input }, ours, theirs) =>
    name === 'Update' &&
    input['ReturnValues'] === 'ALL_OLD' &&
    ours.output?.['Attributes'] === undefined &&
    theirs.output?.['Attributes'] !== undefined,
  // It tells the whole of a list of which one element was written.
  ({ input }) => String(input['ReturnValues']).startsWith('UPDATED') && String(input['UpdateExpression']).includes('['),
  // It takes an attribute that is null for one that is not there, and makes the map or list that a path leads through.
  (_command, { message, codes }) =>
    message?.includes('invalid for update') === true || codes?.includes('ValidationError') === true,
];

/** Runs a command on both; false where what they hold is known to differ from then on. */
async function compare(command: DrawnCommand): Promise<boolean> {
  const theirs = await outcomeOf(command.name, () => documents.send(commandOf(command)));
  const ours = await outcomeOf(command.name, () => engine.apply(commandOf(command)));
  const { message: _theirMessage, ...theirRest } = theirs;
  const { message: _ourMessage, ...ourRest } = ours;
  try {
    expect(ourRest).toEqual(theirRest);
    return true;
  } catch (difference) {
    if (!DIFFERENCES.some((holds) => holds(command, ours, theirs))) throw difference;
    return theirs.output === undefined || !/Put|Update|Delete|Write/.test(command.name) || ours.output !== undefined;
  }
}

/** Empties both, and passes over what their streams tell of it. */
async function reset(): Promise<void> {
  for (const [number, { name, create }] of tables.entries()) {
    const names = (create['KeySchema'] as { AttributeName: string }[]).map(({ AttributeName }) => AttributeName);
    const deletion = (items: Iterable<Record<string, unknown>>) =>
      [...items].map((item) => ({ DeleteRequest: { Key: Object.fromEntries(names.map((key) => [key, item[key]])) } }));
    const { Items = [] } = await documents.send(new ScanCommand({ TableName: name }));
    if (Items.length > 0) {
      await documents.send(new BatchWriteCommand({ RequestItems: { [name]: deletion(Items) } }));
    }
    const ours = deletion(engine.itemsOf(name));
    if (ours.length > 0) engine.apply(new BatchWriteCommand({ RequestItems: { [name]: ours } }));
    await changesOfBoth(number);
  }
}

const changeOf = ({ eventName, dynamodb: change }: Pick<StreamRecord, 'eventName' | 'dynamodb'>) => {
  const { Keys, NewImage, OldImage } = change as unknown as { [Part in 'Keys' | 'NewImage' | 'OldImage']?: never };
  return { eventName, Keys, NewImage: NewImage && unmarshall(NewImage), OldImage: OldImage && unmarshall(OldImage) };
};

/** What the streams of a table tell since they were last asked. */
async function changesOfBoth(number: number): Promise<{ ours: unknown[]; theirs: unknown[] }> {
  const lane = lanes[number]!;
  const { records } = lane.lane.read(lane.read, Number.POSITIVE_INFINITY);
  lane.read += records.length;
  const theirs = (await readers[number]!.read(1000)).records.map(changeOf);
  return {
    ours: records.map((record) => changeOf(record as never)),
    // It tells of writes that changed nothing.
    theirs: theirs.filter(
      ({ OldImage, NewImage }) => OldImage === undefined || keyText(OldImage) !== keyText(NewImage),
    ),
  };
}

let sequences = 0;

it(
  'answers, keeps and tells what the real engine does',
  async () => {
    await fc.assert(
      fc.asyncProperty(storeCommands(tables), async (commands) => {
        await reset();
        sequences += 1;
        for (const command of commands) {
          // A token means what it did in another sequence.
          const token = command.input['ClientRequestToken'];
          const own = token === undefined ? {} : { ClientRequestToken: `${token}-${sequences}` };
          if (!(await compare({ ...command, input: { ...command.input, ...own } }))) return;
        }
        for (const [number, { name }] of tables.entries()) {
          const { Items = [] } = await documents.send(new ScanCommand({ TableName: name }));
          expect([...engine.itemsOf(name)].map(keyText).sort()).toEqual(Items.map(keyText).sort());
          const { ours, theirs } = await changesOfBoth(number);
          expect(ours).toEqual(theirs);
        }
      }),
      { numRuns: SEQUENCES },
    );
  },
  30_000 + SEQUENCES * MS_A_SEQUENCE,
);
