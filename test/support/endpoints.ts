import type { Endpoint } from '../../shared/ports/endpoints.ts';
import { NOW } from './builders.ts';

export const ENDPOINT_ID = 'ep_01JD3Y8Q5T9Z6V2K4M7N1P0R8J';

/** An endpoint that speaks TUNE, with everything else left out. */
export const endpoint = ({ mapping, ...changes }: Partial<Endpoint> = {}): Endpoint => ({
  endpointId: ENDPOINT_ID,
  dialect: 'tune',
  mapping: { campaigns: {}, affiliates: {}, events: {}, fields: {}, ...mapping },
  settings: {},
  secrets: {},
  status: 'active',
  createdAt: NOW,
  updatedAt: NOW,
  version: 1,
  ...changes,
});
