import { REQUEST_FUNCTIONS } from './requests.ts';
import { SCHEDULED_FUNCTIONS } from './schedules.ts';
import { WORKER_FUNCTIONS } from './workers.ts';

/** All functions that take part in a run. */
export const FUNCTIONS = { ...REQUEST_FUNCTIONS, ...WORKER_FUNCTIONS, ...SCHEDULED_FUNCTIONS } as const;

export type FunctionName = keyof typeof FUNCTIONS;
export type RequestFunctionName = keyof typeof REQUEST_FUNCTIONS;
export type WorkerFunctionName = keyof typeof WORKER_FUNCTIONS;
export type ScheduledFunctionName = keyof typeof SCHEDULED_FUNCTIONS;
export type FunctionOf<Name extends FunctionName> = ReturnType<(typeof FUNCTIONS)[Name]>;
