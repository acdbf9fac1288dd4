import * as z from 'zod';
import { createApiDescription } from '../../shared/contracts/openapi.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document of every shape
const description: any = JSON.parse(JSON.stringify(createApiDescription('1.2.3')));

const COMPONENTS = '#/components/schemas/';

const schemas = new Map<object, z.ZodType>();

/** A schema of the description by itself, with what it refers to. */
function schemaOf(schema: object): z.ZodType {
  const known = schemas.get(schema);
  if (known !== undefined) return known;
  const text = JSON.stringify({ ...schema, $defs: description.components.schemas });
  const made = z.fromJSONSchema(JSON.parse(text.replaceAll(COMPONENTS, '#/$defs/')));
  schemas.set(schema, made);
  return made;
}

/** An answer, as it came. */
interface Answered {
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
}

/** What is wrong with an answer by the description of the API; undefined where it is as described. `key`: `GET /v1/leads`. */
export function undescribed(key: string, { status, mediaType, body }: Answered): string | undefined {
  const [method = '', path = ''] = key.split(' ');
  const { responses } = description.paths[path][method.toLowerCase()];
  const response = responses[status] ?? responses.default;
  const { content } = '$ref' in response ? description.components.responses[response.$ref.split('/').at(-1)] : response;
  const [type = ''] = mediaType.split(';');
  if (content === undefined && body === '') return undefined;
  if (content?.[type] === undefined) return `${status} as ${type}`;
  if (!type.endsWith('json')) return undefined;
  const { schema } = content[type];
  const parsed = schemaOf(schema).safeParse(JSON.parse(body));
  return parsed.success ? undefined : z.prettifyError(parsed.error);
}
