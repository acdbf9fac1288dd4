import { createHttpHandler } from '../../shared/runtime/http.ts';
import { correctionHandlers } from './corrections.ts';
import { createDependencies } from './dependencies.ts';
import { rateHandlers } from './rates.ts';

const dependencies = createDependencies();

export const handler = createHttpHandler({ ...correctionHandlers(dependencies), ...rateHandlers(dependencies) });
