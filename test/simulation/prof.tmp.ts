import './sdk/register.ts';
Error.stackTraceLimit = 0;
process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
const { explore } = await import('./explore.ts');
const t = process.cpuUsage(); const w = performance.now();
const seeds = Array.from({ length: Number(process.argv[2] ?? 1000) }, (_, i) => i + 1);
const r = await explore(seeds, 5);
const c = process.cpuUsage(t);
console.log(r.runs, 'runs', ((c.user + c.system) / r.runs).toFixed(0), 'us cpu/run', 'wall', ((performance.now() - w) / r.runs * 1000).toFixed(0), r.failures.slice(0, 2));
