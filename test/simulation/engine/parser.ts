import { invalid } from './errors.ts';
import { RESERVED_WORDS } from './reserved-words.ts';

/** The way to a value: an attribute's name or its placeholder (`#name`), then names within maps and positions within lists. */
export type Path = readonly (string | number)[];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'size'; readonly of: Operand };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly of: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly of: Operand; readonly list: readonly Operand[] }
  | { readonly kind: 'exists' | 'not_exists'; readonly path: Path }
  | { readonly kind: 'begins_with'; readonly of: Operand; readonly by: Operand }
  | { readonly kind: 'type' | 'contains'; readonly of: Operand; readonly by: Operand };

export type Term =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'sum' | 'difference' | 'list'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'default'; readonly path: Path; readonly otherwise: Term };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly term: Term }[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: string }[];
  readonly delete: readonly { readonly path: Path; readonly value: string }[];
}

const MAX_EXPRESSION_BYTES = 4096;
const MAX_LIST = 100;
const MAX_DEPTH = 32;
const TOKEN = /\s*(?:([#:][A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*)|([0-9]+)|(<>|<=|>=|[=<>()[\],.+-]))/y;
const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** Reads a condition, a filter or a key condition. Throws ValidationException. */
export function parseCondition(text: string): Condition {
  const parser = new Parser(text);
  const condition = parser.condition();
  parser.end();
  return condition;
}

/** Reads an update. Throws ValidationException. */
export function parseUpdate(text: string): Update {
  const parser = new Parser(text);
  const update = parser.update();
  parser.end();
  return update;
}

/** Reads the paths of a projection. Throws ValidationException. */
export function parseProjection(text: string): readonly Path[] {
  const parser = new Parser(text);
  const paths = parser.list(() => parser.path());
  parser.end();
  return paths;
}

class Parser {
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(text: string) {
    this.tokens = tokensOf(text);
  }

  end(): void {
    if (this.at < this.tokens.length) throw this.unexpected();
  }

  list<Part>(part: () => Part): Part[] {
    const parts = [part()];
    while (this.takes(',')) parts.push(part());
    return parts;
  }

  condition(depth = 0): Condition {
    if (depth > MAX_DEPTH) throw invalid('The expression is nested too deeply');
    let left = this.conjunction(depth);
    while (this.takesWord('OR')) left = { kind: 'or', left, right: this.conjunction(depth) };
    return left;
  }

  private conjunction(depth: number): Condition {
    let left = this.negation(depth);
    while (this.takesWord('AND')) left = { kind: 'and', left, right: this.negation(depth) };
    return left;
  }

  private negation(depth: number): Condition {
    if (this.takesWord('NOT')) return { kind: 'not', of: this.negation(depth + 1) };
    if (this.takes('(')) {
      const isDouble = this.peek() === '(';
      const start = this.at;
      const inner = this.condition(depth + 1);
      if (isDouble && this.closes(start) === this.at - 1) throw invalid('The expression has redundant parentheses');
      this.expect(')');
      return inner;
    }
    return this.predicate();
  }

  /** Where the parenthesis that opens at a token closes. */
  private closes(start: number): number {
    for (let at = start, depth = 0; at < this.tokens.length; at += 1) {
      if (this.tokens[at] === '(') depth += 1;
      if (this.tokens[at] === ')') depth -= 1;
      if (depth === 0) return at;
    }
    return -1;
  }

  private predicate(): Condition {
    if (this.tokens[this.at + 1] === '(' && this.peek() !== 'size') return this.test();
    const left = this.operand();
    if (this.takesWord('BETWEEN')) {
      const low = this.operand();
      if (!this.takesWord('AND')) throw this.unexpected();
      return { kind: 'between', of: left, low, high: this.operand() };
    }
    if (this.takesWord('IN')) {
      this.expect('(');
      const list = this.list(() => this.operand());
      this.expect(')');
      if (list.length > MAX_LIST) throw invalid('The IN operator takes at most 100 operands');
      return { kind: 'in', of: left, list };
    }
    const comparator = this.next();
    if (!COMPARATORS.has(comparator)) throw this.unexpected(comparator);
    return { kind: 'compare', comparator: comparator as Comparator, left, right: this.operand() };
  }

  private test(): Condition {
    const name = this.next();
    this.expect('(');
    if (name === 'attribute_exists' || name === 'attribute_not_exists') {
      const path = this.path();
      this.expect(')');
      return { kind: name === 'attribute_exists' ? 'exists' : 'not_exists', path };
    }
    const kind = name === 'attribute_type' ? 'type' : name;
    if (kind !== 'type' && kind !== 'begins_with' && kind !== 'contains') {
      throw invalid(`Invalid function name; function: ${name}`);
    }
    const of = this.operand();
    this.expect(',');
    const by = this.operand();
    this.expect(')');
    return { kind, of, by };
  }

  private operand(): Operand {
    if (this.peek() === 'size' && this.tokens[this.at + 1] === '(') {
      this.at += 2;
      const of = this.operand();
      this.expect(')');
      return { kind: 'size', of };
    }
    return this.peek().startsWith(':') ? { kind: 'value', name: this.next() } : { kind: 'path', path: this.path() };
  }

  path(): Path {
    const parts: (string | number)[] = [this.attribute()];
    for (;;) {
      if (this.takes('.')) {
        parts.push(this.attribute());
      } else if (this.takes('[')) {
        const position = this.next();
        if (!/^[0-9]+$/.test(position)) throw this.unexpected(position);
        parts.push(Number.parseInt(position, 10));
        this.expect(']');
      } else {
        if (parts.length > MAX_DEPTH) throw invalid('The document path has too many nesting elements');
        return parts;
      }
    }
  }

  private attribute(): string {
    const token = this.next();
    if (!/^[#A-Za-z_]/.test(token)) throw this.unexpected(token);
    if (RESERVED_WORDS.has(token.toUpperCase())) {
      throw invalid(`Attribute name is a reserved keyword; reserved keyword: ${token}`);
    }
    return token;
  }

  update(): Update {
    const clauses: { -readonly [Clause in keyof Update]?: Update[Clause] } = {};
    do {
      const word = this.next().toLowerCase();
      if (word in clauses)
        throw invalid(`The "${word.toUpperCase()}" section can only be used once in an update expression`);
      if (word === 'set') clauses.set = this.list(() => this.assignment());
      else if (word === 'remove') clauses.remove = this.list(() => this.path());
      else if (word === 'add' || word === 'delete') clauses[word] = this.list(() => this.change());
      else throw this.unexpected(word);
    } while (this.at < this.tokens.length);
    return { set: [], remove: [], add: [], delete: [], ...clauses };
  }

  private assignment(): Update['set'][number] {
    const path = this.path();
    this.expect('=');
    const left = this.term();
    if (this.takes('+')) return { path, term: { kind: 'sum', left, right: this.term() } };
    if (this.takes('-')) return { path, term: { kind: 'difference', left, right: this.term() } };
    return { path, term: left };
  }

  private term(): Term {
    if (this.takes('(')) {
      const term = this.term();
      this.expect(')');
      return term;
    }
    if (this.peek().startsWith(':')) return { kind: 'value', name: this.next() };
    if (this.tokens[this.at + 1] !== '(') return { kind: 'path', path: this.path() };
    const name = this.next();
    this.expect('(');
    if (name === 'if_not_exists') {
      const path = this.path();
      this.expect(',');
      const otherwise = this.term();
      this.expect(')');
      return { kind: 'default', path, otherwise };
    }
    if (name !== 'list_append') throw invalid(`Invalid function name; function: ${name}`);
    const left = this.term();
    this.expect(',');
    const right = this.term();
    this.expect(')');
    return { kind: 'list', left, right };
  }

  private change(): Update['add'][number] {
    const path = this.path();
    const value = this.next();
    if (!value.startsWith(':')) throw this.unexpected(value);
    return { path, value };
  }

  private peek(): string {
    return this.tokens[this.at] ?? '';
  }

  private next(): string {
    const token = this.tokens[this.at];
    if (token === undefined) throw this.unexpected();
    this.at += 1;
    return token;
  }

  private takes(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  private takesWord(word: string): boolean {
    if (this.peek().toUpperCase() !== word) return false;
    this.at += 1;
    return true;
  }

  private expect(token: string): void {
    if (!this.takes(token)) throw this.unexpected();
  }

  private unexpected(token = this.peek()) {
    return invalid(`Syntax error; token: ${token === '' ? '<EOF>' : token}`);
  }
}

function tokensOf(text: string): string[] {
  if (Buffer.byteLength(text) > MAX_EXPRESSION_BYTES)
    throw invalid('Expression size has exceeded the maximum allowed size');
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw invalid(`Syntax error; token: ${text.slice(from, from + 1)}`);
    tokens.push(match[0].trim());
  }
  if (tokens.length === 0) throw invalid('The expression can not be empty');
  return tokens;
}
