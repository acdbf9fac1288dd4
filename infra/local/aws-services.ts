import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { EncryptionContext } from './key-service.ts';
import { createKeyService } from './key-service.ts';
import type { Secrets } from './secrets.ts';

const DATA_KEY_BYTES = { AES_256: 32, AES_128: 16 } as const;
const MAX_BODY_BYTES = 1_000_000;

/** The parameter store and KMS, as far as functions and tools of this project call them. */
export interface AwsServices {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** What a request asks for; each operation reads the fields that it knows. */
interface Input {
  readonly Name?: string;
  readonly Names?: readonly string[];
  readonly Value?: string;
  readonly Overwrite?: boolean;
  readonly KeyId?: string;
  readonly KeySpec?: keyof typeof DATA_KEY_BYTES;
  readonly Plaintext?: string;
  readonly CiphertextBlob?: string;
  readonly EncryptionContext?: EncryptionContext;
}

class Refusal extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Serves the parameter store and KMS on a port of their own. `keyArns` are the keys that exist, by alias. */
export async function startAwsServices(
  secrets: Secrets,
  keyArns: Readonly<Record<string, string>>,
): Promise<AwsServices> {
  const operations = { ...parameterStore(secrets), ...keyManagement(secrets, keyArns) };
  const server = createServer((request, response) => {
    answer(request, operations).then(
      (body) => send(response, 200, body),
      (error: unknown) =>
        error instanceof Refusal
          ? send(response, 400, { __type: error.name, message: error.message })
          : send(response, 500, { __type: 'InternalServerError', message: String(error) }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Operations = Readonly<Record<string, (input: Input) => object>>;

async function answer(request: IncomingMessage, operations: Operations): Promise<object> {
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = Object.hasOwn(operations, target) ? operations[target] : undefined;
  if (operation === undefined) throw new Refusal('UnknownOperationException', `The runner does not model ${target}.`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal('ValidationException', 'The request is too large.');
    chunks.push(chunk);
  }
  return operation(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Input);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}

function parameterStore(secrets: Secrets): Operations {
  const described = (name: string): object[] => {
    const value = secrets.parameter(name);
    return value === undefined ? [] : [{ Name: name, Type: 'SecureString', Value: value, Version: 1 }];
  };
  return {
    'AmazonSSM.GetParameters': ({ Names = [] }) => ({
      Parameters: Names.flatMap(described),
      InvalidParameters: Names.filter((name) => secrets.parameter(name) === undefined),
    }),
    'AmazonSSM.GetParameter': ({ Name = '' }) => {
      const [Parameter] = described(Name);
      if (Parameter === undefined) throw new Refusal('ParameterNotFound', `There is no parameter ${Name}.`);
      return { Parameter };
    },
    'AmazonSSM.PutParameter': ({ Name = '', Value = '', Overwrite = false }) => {
      if (!Overwrite && secrets.parameter(Name) !== undefined) {
        throw new Refusal('ParameterAlreadyExists', `There is a parameter ${Name} already.`);
      }
      secrets.setParameter(Name, Value);
      return { Version: 1, Tier: 'Standard' };
    },
  };
}

function keyManagement(secrets: Secrets, keyArns: Readonly<Record<string, string>>): Operations {
  const keys = createKeyService(secrets.masterKey);
  const keyArn = (keyId = ''): string => {
    const arn =
      keyArns[keyId] ?? Object.values(keyArns).find((known) => known === keyId || known.endsWith(`/${keyId}`));
    if (arn === undefined) throw new Refusal('NotFoundException', `There is no key ${keyId}.`);
    return arn;
  };
  const generate = ({ KeyId, KeySpec = 'AES_256', EncryptionContext }: Input) => {
    const arn = keyArn(KeyId);
    const plaintext = randomBytes(DATA_KEY_BYTES[KeySpec]);
    const blob = keys.encrypt(plaintext, arn, EncryptionContext).toString('base64');
    return { plaintext, answer: { KeyId: arn, CiphertextBlob: blob } };
  };
  return {
    'TrentService.GenerateDataKeyWithoutPlaintext': (input) => generate(input).answer,
    'TrentService.GenerateDataKey': (input) => {
      const { plaintext, answer } = generate(input);
      return { ...answer, Plaintext: plaintext.toString('base64') };
    },
    'TrentService.Encrypt': ({ KeyId, Plaintext = '', EncryptionContext }) => {
      const arn = keyArn(KeyId);
      const blob = keys.encrypt(Buffer.from(Plaintext, 'base64'), arn, EncryptionContext);
      return { KeyId: arn, CiphertextBlob: blob.toString('base64') };
    },
    'TrentService.Decrypt': ({ CiphertextBlob = '', EncryptionContext }) => {
      const found = keys.decrypt(Buffer.from(CiphertextBlob, 'base64'), EncryptionContext);
      if (found === undefined) throw new Refusal('InvalidCiphertextException', 'The ciphertext is not valid.');
      return {
        KeyId: found.keyArn,
        Plaintext: found.plaintext.toString('base64'),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    },
  };
}
