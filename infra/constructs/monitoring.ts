import { Duration, NestedStack } from 'aws-cdk-lib';
import type { IMetric, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  Metric,
  PeriodOverride,
  TextWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { MetricName } from '../../shared/runtime/metrics.ts';
import type { Stage } from '../stage.ts';

const GRID_WIDTH = 24;

export interface AlarmProps {
  readonly metric: IMetric;
  /** The alarm goes off when the metric reaches this. */
  readonly atLeast: number;
  /** Periods in a row that must reach it. Default: 1. */
  readonly periods?: number;
  /** What it means and what to do about it, for whoever is woken by it. */
  readonly description: string;
}

/**
 * The topic that alarms report to and the one dashboard; each construct adds its own alarms and graphs. Those are in a stack below the
 * service's, deployed with it: they are a quarter of all resources, of which a stack may have 500.
 */
export class Monitoring extends Construct {
  readonly topic: Topic;
  /** Whoever publishes to the topic has to use it. */
  readonly topicKey: Key;
  /** Where the functions' own metrics go; one for each stage, so that one's alarms never ring for another. */
  readonly metricsNamespace: string;
  private readonly watch: NestedStack;
  private readonly dashboard: Dashboard;
  private readonly stage: Stage;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.stage = stage;
    this.metricsNamespace = `leadledger-${stage.name}`;
    // A key of our own: CloudWatch may not publish to a topic that is encrypted with the AWS-managed one.
    this.topicKey = new Key(this, 'Key', { description: 'Encrypts alarm messages', enableKeyRotation: true });
    this.topicKey.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));
    this.topic = new Topic(this, 'Alarms', {
      topicName: `leadledger-${stage.name}-alarms`,
      masterKey: this.topicKey,
      enforceSSL: true,
    });
    if (stage.alarmEmail !== undefined) this.topic.addSubscription(new EmailSubscription(stage.alarmEmail));
    this.watch = new NestedStack(this, 'Watch', { description: 'Alarms and graphs' });
    this.dashboard = new Dashboard(this.watch, 'Dashboard', {
      dashboardName: `leadledger-${stage.name}`,
      periodOverride: PeriodOverride.AUTO,
      defaultInterval: Duration.hours(12),
    });
  }

  /** How often a function counted something: a metric of our own, published by `count` of the runtime. */
  counted(name: MetricName, functionName: string): Metric {
    return new Metric({
      namespace: this.metricsNamespace,
      metricName: name,
      dimensionsMap: { service: functionName },
      statistic: 'Sum',
      period: Duration.minutes(1),
    });
  }

  /** An alarm named `leadledger-<stage>-<name>`, reported to the topic when it goes off and when it is over. */
  alarm(name: string, props: AlarmProps): Alarm {
    const alarm = new Alarm(this.watch, name, {
      alarmName: `leadledger-${this.stage.name}-${name}`,
      alarmDescription: props.description,
      metric: props.metric,
      threshold: props.atLeast,
      evaluationPeriods: props.periods ?? 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return alarm;
  }

  /** A row of the dashboard: a heading and its graphs beside each other. */
  row(heading: string, graphs: Readonly<Record<string, IMetric[]>>): void {
    const titles = Object.entries(graphs);
    const widgets: IWidget[] = titles.map(
      ([title, left]) => new GraphWidget({ title, left, width: Math.floor(GRID_WIDTH / titles.length) }),
    );
    this.dashboard.addWidgets(new TextWidget({ markdown: `## ${heading}`, width: GRID_WIDTH, height: 1 }));
    this.dashboard.addWidgets(...widgets);
  }
}
