/** An event pattern of a source: each leaf lists what the value may be. */
export interface Pattern {
  readonly [key: string]: Pattern | readonly Rule[];
}

type Rule = string | number | boolean | null | Readonly<Record<string, unknown>>;

/** Whether an event matches at least one of the patterns; without patterns every event does. */
export function matchesAny(patterns: readonly Pattern[], event: unknown): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(pattern, event));
}

function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    const value = typeof event === 'object' && event !== null ? (event as Record<string, unknown>)[key] : undefined;
    if (!Array.isArray(expected)) return matches(expected as Pattern, value);
    return (expected as readonly Rule[]).some((rule) => satisfies(rule, value));
  });
}

/** Throws on an operator that is not modelled: to let through too much or too little would hide what the cloud does. */
function satisfies(rule: Rule, value: unknown): boolean {
  if (typeof rule !== 'object' || rule === null) return value === rule;
  const [operator, ...others] = Object.entries(rule);
  if (operator === undefined || others.length > 0) throw new Error(`filter rule ${JSON.stringify(rule)}: not modelled`);
  const [name, argument] = operator;
  switch (name) {
    case 'exists':
      return (value !== undefined) === argument;
    case 'prefix':
      return typeof value === 'string' && value.startsWith(String(argument));
    case 'suffix':
      return typeof value === 'string' && value.endsWith(String(argument));
    case 'anything-but':
      return value !== undefined && ![argument].flat().includes(value);
    default:
      throw new Error(`filter operator ${name}: not modelled`);
  }
}
