import { Logger } from '@aws-lambda-powertools/logger';

/**
 * Writes one JSON object a line to standard output. Name and level come from `POWERTOOLS_SERVICE_NAME` and `POWERTOOLS_LOG_LEVEL`.
 * Log ids and counts; never keys, contact data, or query strings.
 */
export const logger = new Logger();
