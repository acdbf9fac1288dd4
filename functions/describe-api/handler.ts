import { join } from 'node:path';
import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createServeAsset } from './assets.ts';
import { createDescribeApi } from './describe-api.ts';
import { env } from './env.ts';

export const handler = createHttpHandler(createDescribeApi(createServeAsset(join(env.LAMBDA_TASK_ROOT, 'assets'))));
