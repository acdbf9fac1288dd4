import { explore } from './explore.ts';

const n = Number(process.argv[2] ?? 500);
function* seeds(from: number, count: number) {
  for (let s = from; s < from + count; s += 1) yield s;
}
await explore(seeds(1, 100), 5);
for (let k = 0; k < 3; k += 1) {
  const c0 = process.cpuUsage();
  const t0 = performance.now();
  await explore(seeds(1000 + k * n, n), 5);
  const c = process.cpuUsage(c0);
  console.log(
    n,
    'runs',
    ((c.user + c.system) / 1000 / n).toFixed(2),
    'ms cpu/run',
    ((performance.now() - t0) / n).toFixed(2),
    'ms wall/run',
  );
}
