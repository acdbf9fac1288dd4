/** The package's own declarations are not where TypeScript looks for them, and tell of no default export. */
declare module 'mailchecker' {
  const checker: { blacklist(): ReadonlySet<string> };
  export default checker;
}
