import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { StackTemplate } from '../../infra/local/template.ts';

/** `dynamodb:Query leadledger-local-leads/index/byAdvertiser`: an action on a table or an index. */
export type Right = string;

/** What each function's role allows on tables, by the function's name. */
export type Rights = ReadonlyMap<string, ReadonlySet<Right>>;

interface Policy {
  readonly Roles: readonly { readonly Ref: string }[];
  readonly PolicyDocument: { readonly Statement: readonly { Action: string | string[]; Resource: unknown }[] };
}

/** Reads the rights on tables from the roles' policies, as CloudFormation would make them. */
export function tableRightsIn(stacks: readonly StackTemplate[]): Rights {
  const resources = stacks.flatMap(({ template }) => Object.entries(template.Resources ?? {}));
  const tables = new Map(
    resources
      .filter(([, { Type }]) => Type === 'AWS::DynamoDB::Table')
      .map(([id, { Properties }]) => [id, String(Properties?.['TableName'])]),
  );
  const functionOfRole = new Map(
    resources
      .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
      .map(([, { Properties }]) => {
        const role = Properties?.['Role'] as { 'Fn::GetAtt': [string, string] };
        return [role['Fn::GetAtt'][0], String(Properties?.['FunctionName'])];
      }),
  );
  const rights = new Map<string, Set<Right>>([...functionOfRole.values()].map((name) => [name, new Set()]));
  for (const [, { Type, Properties }] of resources) {
    if (Type !== 'AWS::IAM::Policy') continue;
    const { Roles, PolicyDocument } = Properties as unknown as Policy;
    for (const { Ref } of Roles) {
      for (const right of PolicyDocument.Statement.flatMap((statement) => rightsOf(statement, tables))) {
        rights.get(functionOfRole.get(Ref) ?? '')?.add(right);
      }
    }
  }
  return rights;
}

function rightsOf(
  { Action, Resource }: { Action: string | string[]; Resource: unknown },
  tables: Map<string, string>,
): Right[] {
  return [Resource].flat().flatMap((resource) => {
    const source = JSON.stringify(resource);
    const logicalId = /ExportsOutputFnGetAtt([A-Za-z]+[0-9A-F]{8})Arn/.exec(source)?.[1];
    const table = tables.get(logicalId ?? '');
    if (table === undefined) return [];
    const index = /(\/index\/[^"]+)"/.exec(source)?.[1] ?? '';
    return [Action].flat().map((action) => `${action} ${table}${index}`);
  });
}

type Body = Record<string, unknown> & { TableName?: string; IndexName?: string };

/** What a call to DynamoDB needs: a transaction and a batch need the right of each of their parts. */
function rightsNeeded(operation: string, body: Body): Right[] {
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
    const items = body['TransactItems'] as Record<string, { TableName: string }>[];
    return items.flatMap((item) =>
      Object.entries(item).map(([part, { TableName }]) => {
        const action = part === 'ConditionCheck' ? 'ConditionCheckItem' : `${part}Item`;
        return `dynamodb:${action} ${TableName}`;
      }),
    );
  }
  if (operation.startsWith('Batch')) {
    return Object.keys(body['RequestItems'] as object).map((table) => `dynamodb:${operation} ${table}`);
  }
  const index = body.IndexName === undefined ? '' : `/index/${body.IndexName}`;
  return [`dynamodb:${operation} ${body.TableName}${index}`];
}

/** A gate before a DynamoDB engine that lets a function do what its role allows and refuses the rest, as AWS would. */
export interface RightsGate {
  readonly endpoint: string;
  /** `<function>: <right>` for each call that was refused. */
  readonly refused: ReadonlySet<string>;
  /** `<function>: <right>` for each right that was used. */
  readonly used: ReadonlySet<string>;
  stop(): Promise<void>;
}

/**
 * Starts a gate before the engine at `target`. Who calls is told by the access key id that the request is signed with; who is named in
 * `rights` is held to them, all others are let through.
 */
export async function startRightsGate(target: string, rights: Rights): Promise<RightsGate> {
  const refused = new Set<string>();
  const used = new Set<string>();

  const missingRights = (request: IncomingMessage, body: string): string[] => {
    const caller = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const allowed = rights.get(caller);
    const [, operation] = /^DynamoDB_\d+\.(\w+)$/.exec(String(request.headers['x-amz-target'])) ?? [];
    if (allowed === undefined || operation === undefined) return [];
    const needed = rightsNeeded(operation, JSON.parse(body) as Body);
    const missing = needed.filter((right) => !allowed.has(right));
    for (const right of needed) (allowed.has(right) ? used : refused).add(`${caller}: ${right}`);
    return missing;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const missing = missingRights(request, body);
    if (missing.length > 0) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(
        JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', Message: missing.join(', ') }),
      );
      return;
    }
    const { method, url, headers } = request;
    const forwarded = httpRequest(new URL(url ?? '/', target), { method, headers }, (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      upstream.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    forwarded.end(body);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    used,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
