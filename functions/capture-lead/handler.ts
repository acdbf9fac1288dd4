import { join } from 'node:path';
import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createCaptureLead } from './capture-lead.ts';
import { createDependencies } from './dependencies.ts';
import { env } from './env.ts';
import { createServeScript } from './serve-script.ts';

export const handler = createHttpHandler({
  ...createCaptureLead(createDependencies()),
  'GET /ll.js': createServeScript(join(env.LAMBDA_TASK_ROOT, 'assets', 'll.js')),
});
