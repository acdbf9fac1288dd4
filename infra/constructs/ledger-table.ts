import { RemovalPolicy } from 'aws-cdk-lib';
import type { Attribute, GlobalSecondaryIndexProps, StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { tableName } from '../stage.ts';

export interface LedgerTableProps {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly indexes?: readonly LedgerIndex[];
  readonly stream?: StreamViewType;
  /** The attribute with the second after which the item may be deleted. */
  readonly timeToLive?: string;
  readonly resourcePolicy?: PolicyDocument;
}

export interface LedgerIndex {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Attributes copied into the index beside the keys; `ALL` copies every one. */
  readonly project: readonly string[] | 'ALL';
}

/**
 * A table that outlives the stack: on demand, encrypted, with point-in-time recovery and deletion protection.
 *
 * It has a fixed name on purpose: CloudFormation cannot replace a named table, so a change of keys fails instead of putting
 * an empty table in its place. `Table`, not `TableV2`: the rule packs do not see the latter.
 */
export class LedgerTable extends Table {
  /** The environment variable by which functions find the table. */
  readonly envName: string;

  constructor(scope: Construct, id: string, stage: Stage, props: LedgerTableProps) {
    super(scope, id, {
      tableName: tableName(stage.name, id),
      partitionKey: text(props.partitionKey),
      sortKey: props.sortKey === undefined ? undefined : text(props.sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
      deletionProtection: true,
      stream: props.stream,
      timeToLiveAttribute: props.timeToLive,
      resourcePolicy: props.resourcePolicy,
    });
    this.envName = `${id.toUpperCase()}_TABLE_NAME`;
    for (const index of props.indexes ?? []) this.addGlobalSecondaryIndex(indexProps(index));
  }
}

function text(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}

function indexProps({ name, partitionKey, sortKey, project }: LedgerIndex): GlobalSecondaryIndexProps {
  const keys = { indexName: name, partitionKey: text(partitionKey), sortKey: text(sortKey) };
  if (project === 'ALL') return { ...keys, projectionType: ProjectionType.ALL };
  if (project.length === 0) return { ...keys, projectionType: ProjectionType.KEYS_ONLY };
  return { ...keys, projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...project] };
}
