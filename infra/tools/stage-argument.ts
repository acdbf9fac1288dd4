/** The stage that a tool is asked to work on (`--stage NAME`, default `prod`) and the arguments that are not about it. */
export function readStageName(argv: readonly string[]): { stageName: string; others: string[] } {
  const at = argv.indexOf('--stage');
  if (at === -1) return { stageName: 'prod', others: [...argv] };
  const stageName = argv[at + 1];
  if (stageName === undefined || stageName.startsWith('-')) throw new Error('--stage takes the name of a stage');
  return { stageName, others: [...argv.slice(0, at), ...argv.slice(at + 2)] };
}
