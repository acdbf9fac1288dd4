/**
 * Stands in for `@aws-sdk/lib-dynamodb` in long simulations: commands that only carry their input. Those of the SDK prepare on the way what
 * the network would need, which takes longer than the store of a simulation takes to carry them out.
 */
class Command {
  readonly input: unknown;

  constructor(input: unknown) {
    this.input = input;
  }
}

export class GetCommand extends Command {}
export class PutCommand extends Command {}
export class UpdateCommand extends Command {}
export class DeleteCommand extends Command {}
export class QueryCommand extends Command {}
export class ScanCommand extends Command {}
export class BatchGetCommand extends Command {}
export class BatchWriteCommand extends Command {}
export class TransactGetCommand extends Command {}
export class TransactWriteCommand extends Command {}
export class DynamoDBDocumentClient {}
