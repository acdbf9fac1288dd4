import { CfnOutput, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, LogGroupClass, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { HttpFunctionName } from '../../shared/contracts/routes.ts';
import { routes } from '../../shared/contracts/routes.ts';
import type { ServiceFunction, ServiceScope } from './service-function.ts';

const BURST_SECONDS = 2;

/**
 * What one request leaves in the access log, and nothing else: no path, no query string and no headers, because keys and
 * personal data travel there. The route says what was called.
 */
const accessLogFields = {
  requestId: AccessLogField.contextRequestId(),
  time: AccessLogField.contextRequestTimeEpoch(),
  ip: AccessLogField.contextIdentitySourceIp(),
  route: '$context.routeKey',
  status: AccessLogField.contextStatus(),
  bytes: AccessLogField.contextResponseLength(),
  latencyMs: AccessLogField.contextResponseLatency(),
  error: '$context.integrationErrorMessage',
};

/** The HTTP API: every route of the contract and, for all else, the function that answers unknown routes. */
export class LedgerApi extends Construct {
  constructor(
    scope: Construct,
    { stage, monitoring }: ServiceScope,
    functions: Readonly<Record<HttpFunctionName, ServiceFunction>>,
  ) {
    super(scope, 'Api');
    const integrations = Object.fromEntries(
      Object.entries(functions).map(([name, target]) => [
        name,
        new HttpLambdaIntegration(target.name, target.function, { scopePermissionToRoute: false }),
      ]),
    ) as Record<HttpFunctionName, HttpLambdaIntegration>;
    const api = new HttpApi(this, 'Api', {
      apiName: `leadledger-${stage.name}`,
      createDefaultStage: false,
      // Not one of the above: their permission is for paths of routes, which an unknown path does not match.
      defaultIntegration: new HttpLambdaIntegration('unknown-routes', functions['receive-message'].function),
    });
    // Of a domain of an endpoint's, it hands `/postback` on to the endpoint.
    functions['ingest-postback'].function.addEnvironment('API_URL', api.apiEndpoint);
    for (const { method, path, functionName } of routes) {
      api.addRoutes({ path, methods: [HttpMethod[method]], integration: integrations[functionName] });
    }
    Validations.of(api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'Clicks, the description and health are public; every other function checks the key itself, because what a key may ' +
        'see depends on the entity asked for, and senders put it into the query string or the body.',
    });

    const logGroup = new LogGroup(this, 'AccessLogs', {
      // The prefix spares the log group an entry in the account's resource policy, which is limited in size.
      logGroupName: `/aws/vendedlogs/leadledger-${stage.name}-api`,
      // A line a request costs as much as its storage: this class takes it in at half the price, and is searched just as well.
      logGroupClass: LogGroupClass.INFREQUENT_ACCESS,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const apiStage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: stage.requestsPerSecond, burstLimit: stage.requestsPerSecond * BURST_SECONDS },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });

    const serverErrors = apiStage.metricServerError({ period: Duration.minutes(5) });
    monitoring.alarm('api-5xx', {
      metric: serverErrors,
      atLeast: 1,
      description:
        'Requests were answered 5xx. The access log names the route, the log group of its function the cause.',
    });
    monitoring.row('HTTP API', {
      Requests: [apiStage.metricCount(), apiStage.metricClientError(), serverErrors],
      'Latency (ms)': [apiStage.metricLatency({ statistic: 'p50' }), apiStage.metricLatency({ statistic: 'p99' })],
    });
    new CfnOutput(this, 'Url', { value: api.apiEndpoint }).overrideLogicalId('ApiUrl');
  }
}
