/** The names of the functions that answer HTTP requests: the folders in `functions/` and the logical names of the deploy units. */
export type HttpFunctionName =
  | 'accept-decisions'
  | 'accept-imports'
  | 'capture-lead'
  | 'describe-api'
  | 'ingest-click'
  | 'ingest-postback'
  | 'manage-billing'
  | 'manage-bookings'
  | 'manage-catalog'
  | 'manage-deliveries'
  | 'manage-destinations'
  | 'manage-endpoints'
  | 'manage-leads'
  | 'manage-payouts'
  | 'prove-entries'
  | 'read-ledger'
  | 'read-receipts'
  | 'receive-message'
  | 'report-conservation'
  | 'report-payouts'
  | 'settle-payouts';

export type HttpMethod = 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One HTTP route. `path` is in API Gateway syntax; the function that answers it dispatches on `"<method> <path>"`. */
export interface Route {
  readonly method: HttpMethod;
  readonly path: string;
  readonly functionName: HttpFunctionName;
}

const of = (functionName: HttpFunctionName, ...keys: `${HttpMethod} /${string}`[]): Route[] =>
  keys.map((key) => {
    const [method, path] = key.split(' ') as [HttpMethod, string];
    return { method, path, functionName };
  });

/** Every HTTP route of the service: the stack is built from it, the functions dispatch on it, the API description describes it. */
export const routes: readonly Route[] = [
  ...of('ingest-click', 'GET /c/{campaignId}', 'HEAD /c/{campaignId}', 'GET /i/{image}'),
  ...of('ingest-postback', 'GET /postback', 'POST /postback', 'GET /px.gif'),
  ...of(
    'receive-message',
    'GET /e/{endpointId}',
    'POST /e/{endpointId}',
    'GET /e/{endpointId}/{path+}',
    'POST /e/{endpointId}/{path+}',
  ),
  ...of(
    'capture-lead',
    'POST /f/{campaignId}',
    'OPTIONS /f/{campaignId}',
    'GET /f/{campaignId}/start',
    'GET /f/{campaignId}/confirm',
    'POST /f/{campaignId}/confirm',
    'GET /f/{campaignId}/file',
    'GET /ll.js',
  ),
  ...of(
    'manage-endpoints',
    'GET /v1/endpoints',
    'POST /v1/endpoints',
    'GET /v1/endpoints/{endpointId}',
    'PATCH /v1/endpoints/{endpointId}',
    'DELETE /v1/endpoints/{endpointId}',
    'GET /v1/endpoints/{endpointId}/messages',
    'POST /v1/endpoints/{endpointId}/test',
  ),
  ...of(
    'manage-catalog',
    'GET /v1/advertisers',
    'POST /v1/advertisers',
    'GET /v1/advertisers/{advertiserId}',
    'PATCH /v1/advertisers/{advertiserId}',
    'GET /v1/advertisers/{advertiserId}/changes',
    'GET /v1/affiliates',
    'POST /v1/affiliates',
    'GET /v1/affiliates/{affiliateId}',
    'PATCH /v1/affiliates/{affiliateId}',
    'GET /v1/affiliates/{affiliateId}/changes',
    'GET /v1/legal-entities',
    'POST /v1/legal-entities',
    'GET /v1/legal-entities/{legalEntityId}',
    'PATCH /v1/legal-entities/{legalEntityId}',
    'GET /v1/legal-entities/{legalEntityId}/changes',
    'GET /v1/campaigns',
    'POST /v1/campaigns',
    'GET /v1/campaigns/{campaignId}',
    'PATCH /v1/campaigns/{campaignId}',
    'PUT /v1/campaigns/{campaignId}/terms',
    'GET /v1/campaigns/{campaignId}/terms',
    'GET /v1/campaigns/{campaignId}/caps',
    'PUT /v1/campaigns/{campaignId}/affiliates/{affiliateId}',
    'GET /v1/campaigns/{campaignId}/affiliates/{affiliateId}',
    'GET /v1/keys',
    'POST /v1/keys',
    'DELETE /v1/keys/{kid}',
  ),
  ...of(
    'manage-leads',
    'GET /v1/leads',
    'GET /v1/leads/{leadId}',
    'GET /v1/leads/{leadId}/explanation',
    'GET /v1/leads/{leadId}/contact',
    'DELETE /v1/leads/{leadId}/contact',
    'POST /v1/leads/{leadId}/confirm',
    'POST /v1/leads/{leadId}/reject',
    'POST /v1/leads/{leadId}/reverse',
  ),
  ...of('accept-decisions', 'POST /v1/leads/decisions', 'GET /v1/decisions/{decisionId}'),
  ...of('accept-imports', 'POST /v1/imports', 'GET /v1/imports/{importId}'),
  ...of('report-payouts', 'GET /v1/reports/payouts'),
  ...of('report-conservation', 'GET /v1/reports/conservation'),
  ...of('read-ledger', 'GET /v1/ledger/{account}', 'GET /v1/accounts/{account}/balance', 'GET /v1/trial-balance'),
  ...of(
    'manage-bookings',
    'GET /v1/corrections',
    'POST /v1/corrections',
    'GET /v1/corrections/{correctionId}',
    'POST /v1/corrections/{correctionId}/approve',
    'POST /v1/corrections/{correctionId}/reject',
    'GET /v1/rates',
    'POST /v1/rates',
  ),
  ...of('read-receipts', 'GET /.well-known/jwks.json', 'GET /v1/receipts/{receiptId}'),
  ...of('prove-entries', 'GET /v1/invoices/{number}/proof', 'GET /v1/statements/{number}/proof'),
  ...of(
    'manage-billing',
    'POST /v1/months/{month}/close',
    'POST /v1/months/{month}/issue',
    'GET /v1/months/{month}',
    'GET /v1/months/{month}/export',
    'GET /v1/gl-accounts',
    'PUT /v1/gl-accounts',
    'GET /v1/invoices',
    'GET /v1/invoices/{number}',
    'GET /v1/statements',
    'GET /v1/statements/{number}',
  ),
  ...of(
    'manage-payouts',
    'GET /v1/affiliates/{affiliateId}/payout-method',
    'PUT /v1/affiliates/{affiliateId}/payout-method',
    'POST /v1/affiliates/{affiliateId}/payout-method/approve',
    'POST /v1/affiliates/{affiliateId}/payout-method/reject',
    'GET /v1/payables',
    'GET /v1/payout-runs',
    'POST /v1/payout-runs',
    'GET /v1/payout-runs/{runId}',
    'POST /v1/payout-runs/{runId}/approve',
    'POST /v1/payout-runs/{runId}/cancel',
    'POST /v1/payout-runs/{runId}/send',
    'GET /v1/payout-runs/{runId}/file',
  ),
  ...of(
    'manage-destinations',
    'GET /v1/destinations',
    'POST /v1/destinations',
    'GET /v1/destinations/{destinationId}',
    'PATCH /v1/destinations/{destinationId}',
    'DELETE /v1/destinations/{destinationId}',
    'POST /v1/destinations/{destinationId}/rotate-secret',
    'POST /v1/destinations/{destinationId}/test',
  ),
  ...of('settle-payouts', 'POST /v1/payout-runs/answers'),
  ...of(
    'manage-deliveries',
    'GET /v1/destinations/{destinationId}/deliveries',
    'POST /v1/destinations/{destinationId}/redeliver',
    'GET /v1/deliveries/{deliveryId}',
    'POST /v1/deliveries/{deliveryId}/redeliver',
  ),
  ...of('describe-api', 'GET /health', 'GET /openapi.json', 'GET /docs', 'GET /docs/{asset}'),
];
