import { identify } from './identities.ts';

/** One stack's template, as `cdk synth` writes it. */
export interface StackTemplate {
  readonly stackName: string;
  readonly template: Template;
}

interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>> | undefined;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>> | undefined;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>> | undefined;
  readonly Conditions?: Readonly<Record<string, unknown>> | undefined;
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>> | undefined;
  readonly Condition?: string | undefined;
}

interface TemplateOutput {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown } | undefined;
}

/** A resource with its name and ARN decided and every reference in its properties followed. */
export interface ResolvedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** What `Ref` gives: for most a name, for a queue its URL. */
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface ResolveOptions {
  /** Goes before the physical name of every table, queue and bucket, so that many sets can live in one engine. */
  readonly namePrefix?: string | undefined;
  /** Where the queues are: their URLs are below it. */
  readonly sqsEndpoint: string;
  /** Where the API will answer. */
  readonly apiEndpoint?: string | undefined;
}

export const REGION = 'us-east-1';
/** The account that the engines put into their ARNs and queue URLs. */
export const ACCOUNT = '000000000000';

const pseudoParameters: Readonly<Record<string, unknown>> = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::NoValue': undefined,
};

/** An intrinsic function of a template, as its name and argument. */
type Intrinsic = readonly [name: string, argument: unknown];

/**
 * Gives every resource its name and ARN and follows the references between them, across stacks too.
 *
 * Throws a sentence that names the resource on whatever it does not model: types, functions and attributes that it would
 * have to guess at. Types on the list of what has no part on one machine are left out of the result.
 */
export function resolveStacks(stacks: readonly StackTemplate[], options: ResolveOptions): ResolvedResource[] {
  return new Resolver(stacks, options).resources();
}

interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

class Resolver {
  private readonly stacks: readonly StackTemplate[];
  private readonly options: ResolveOptions;
  private readonly identities = new Map<string, Identity>();
  private readonly inProgress = new Set<string>();

  constructor(stacks: readonly StackTemplate[], options: ResolveOptions) {
    this.stacks = stacks;
    this.options = options;
  }

  resources(): ResolvedResource[] {
    return this.stacks.flatMap((stack) =>
      Object.entries(stack.template.Resources ?? {}).flatMap(([logicalId, resource]) => {
        if (!this.exists(stack, resource)) return [];
        const identity = this.identity(stack, logicalId);
        if (identify(resource.Type, logicalId).part !== 'runs') return [];
        const at = `${stack.stackName}/${logicalId}`;
        const properties = this.value(stack, resource.Properties ?? {}, at) as Record<string, unknown>;
        return [{ stackName: stack.stackName, logicalId, type: resource.Type, ...identity, properties }];
      }),
    );
  }

  private exists(stack: StackTemplate, { Condition }: TemplateResource): boolean {
    return Condition === undefined || this.condition(stack, Condition);
  }

  private identity(stack: StackTemplate, logicalId: string): Identity {
    const at = `${stack.stackName}/${logicalId}`;
    const known = this.identities.get(at);
    if (known !== undefined) return known;
    const resource = stack.template.Resources?.[logicalId];
    if (resource === undefined) throw new Error(`${stack.stackName} refers to ${logicalId}, which it does not have`);
    if (this.inProgress.has(at)) throw new Error(`the name of ${at} depends on itself`);
    this.inProgress.add(at);
    const kind = identify(resource.Type, logicalId);
    const given = kind.nameProperty === undefined ? undefined : resource.Properties?.[kind.nameProperty];
    const name = given === undefined ? `${stack.stackName}-${logicalId}` : String(this.value(stack, given, at));
    const identity = kind.identity({
      name: kind.prefixed ? `${this.options.namePrefix ?? ''}${name}` : name,
      region: REGION,
      account: ACCOUNT,
      sqsEndpoint: this.options.sqsEndpoint,
      apiEndpoint: this.options.apiEndpoint ?? 'http://localhost',
    });
    this.inProgress.delete(at);
    this.identities.set(at, identity);
    return identity;
  }

  /** Follows every reference in a value; entries that turn out to be `AWS::NoValue` are left out. */
  private value(stack: StackTemplate, value: unknown, at: string): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.value(stack, item, at)).filter((item) => item !== undefined);
    }
    if (typeof value === 'string' && value.includes('{{resolve:')) {
      throw new Error(`${at}: dynamic references are not modelled: ${value}`);
    }
    if (typeof value !== 'object' || value === null) return value;
    const intrinsic = asIntrinsic(value);
    if (intrinsic !== undefined) return this.intrinsic(stack, intrinsic, at);
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]) => {
        const resolved = this.value(stack, item, at);
        return resolved === undefined ? [] : [[key, resolved]];
      }),
    );
  }

  private intrinsic(stack: StackTemplate, [name, argument]: Intrinsic, at: string): unknown {
    const list = (): unknown[] => this.value(stack, argument, at) as unknown[];
    switch (name) {
      case 'Ref':
        return this.reference(stack, String(argument), at);
      case 'Fn::GetAtt':
        return this.attribute(stack, argument as string | string[], at);
      case 'Fn::Sub':
        return this.substitute(stack, argument, at);
      case 'Fn::ImportValue':
        return this.imported(String(this.value(stack, argument, at)), at);
      case 'Fn::Join': {
        const [separator, parts] = list() as [string, unknown[]];
        return parts.join(separator);
      }
      case 'Fn::Select': {
        const [index, items] = list() as [number | string, unknown[]];
        return items[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, text] = list() as [string, string];
        return text.split(separator);
      }
      case 'Fn::If': {
        const [condition, yes, no] = argument as [string, unknown, unknown];
        return this.value(stack, this.condition(stack, condition) ? yes : no, at);
      }
      default:
        throw new Error(`${at}: ${name} is not modelled`);
    }
  }

  private reference(stack: StackTemplate, name: string, at: string): unknown {
    if (name === 'AWS::StackName') return stack.stackName;
    if (name in pseudoParameters) return pseudoParameters[name];
    if (name.startsWith('AWS::')) throw new Error(`${at}: ${name} is not modelled`);
    const parameter = stack.template.Parameters?.[name];
    if (parameter === undefined) return this.identity(stack, name).ref;
    if (parameter.Default === undefined) throw new Error(`${at}: the parameter ${name} has no default`);
    return parameter.Default;
  }

  private attribute(stack: StackTemplate, argument: string | string[], at: string): string {
    const [logicalId = '', ...rest] = Array.isArray(argument) ? argument : argument.split('.');
    const attribute = rest.join('.');
    const value = this.identity(stack, logicalId).attributes[attribute];
    if (value === undefined) throw new Error(`${at}: ${logicalId}.${attribute} is not modelled`);
    return value;
  }

  private substitute(stack: StackTemplate, argument: unknown, at: string): string {
    const [text, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Record<string, unknown>];
    return text.replace(/\$\{(!?)([^}]+)\}/g, (whole, literal: string, name: string) => {
      if (literal === '!') return whole.replace('!', '');
      if (Object.hasOwn(own, name)) return String(this.value(stack, own[name], at));
      return String(name.includes('.') ? this.attribute(stack, name, at) : this.reference(stack, name, at));
    });
  }

  private imported(exportName: string, at: string): unknown {
    for (const stack of this.stacks) {
      for (const [id, output] of Object.entries(stack.template.Outputs ?? {})) {
        if (output.Export === undefined) continue;
        const outputAt = `${stack.stackName}/${id}`;
        if (this.value(stack, output.Export.Name, outputAt) === exportName) {
          return this.value(stack, output.Value, outputAt);
        }
      }
    }
    throw new Error(`${at} imports ${exportName}, which no stack exports`);
  }

  private condition(stack: StackTemplate, name: string): boolean {
    const definition = stack.template.Conditions?.[name];
    if (definition === undefined) throw new Error(`${stack.stackName} has no condition ${name}`);
    return this.holds(stack, definition, name);
  }

  private holds(stack: StackTemplate, definition: unknown, name: string): boolean {
    const intrinsic = asIntrinsic(definition as object);
    const operands = intrinsic?.[1] as unknown[];
    switch (intrinsic?.[0]) {
      case 'Condition':
        return this.condition(stack, String(operands));
      case 'Fn::Equals': {
        const [left, right] = this.value(stack, operands, name) as unknown[];
        return left === right;
      }
      case 'Fn::Not':
        return !this.holds(stack, operands[0], name);
      case 'Fn::And':
        return operands.every((operand) => this.holds(stack, operand, name));
      case 'Fn::Or':
        return operands.some((operand) => this.holds(stack, operand, name));
      default:
        throw new Error(`the condition ${name} of ${stack.stackName} is not modelled`);
    }
  }
}

function asIntrinsic(value: object): Intrinsic | undefined {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  return entry[0] === 'Ref' || entry[0] === 'Condition' || entry[0].startsWith('Fn::') ? entry : undefined;
}
