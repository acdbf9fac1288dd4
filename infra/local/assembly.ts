import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import type { StackTemplate } from './template.ts';

/** What `cdk synth` would deploy: the templates of all stacks and the folder with their assets. */
export interface Assembly {
  readonly stacks: readonly StackTemplate[];
  readonly directory: string;
}

/** Synthesises a CDK app in this process, without the template validation, which takes longer than all else together. */
export function synthesise(app: App): Assembly {
  process.env['CDK_VALIDATION'] = 'false';
  const assembly = app.synth();
  return {
    stacks: assembly.stacks.map(({ stackName, template }) => ({ stackName, template })),
    directory: assembly.directory,
  };
}

/** Where the code of a function lies in an assembly. */
export function assetDirectory({ directory }: Pick<Assembly, 'directory'>, assetHash: string): string {
  return join(directory, `asset.${assetHash}`);
}
