import { App, Tags, Validations } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { AwsSolutionsChecks } from 'cdk-nag';
import { buildFunctions } from './build.ts';
import { DataStack } from './stacks/data-stack.ts';
import { ServiceStack } from './stacks/service-stack.ts';
import { readStage } from './stage.ts';

/** Set here and not in cdk.json, which only the command line reads: the runner must get the very same template. */
const featureFlags = {
  ...recommendedFlags,
  // CloudFormation then refuses to delete or replace what the service still refers to.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
};

export interface AppOptions {
  /** Stands in for the CDK context `stage`. */
  readonly stage?: string;
  /** CDK context; what the command line gives (`-c`) is added to it. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Run the built-in template validation and cdk-nag at synthesis; costs 3 to 5 s. Default: true. */
  readonly validate?: boolean;
  /** Where `buildFunctions` put the bundles. Default: `dist/functions`. */
  readonly functionsDir?: string;
  /** Where the cloud assembly goes. Default: what the CDK command line asks for, else a temporary folder. */
  readonly outdir?: string;
}

/** The whole deployment as a CDK app, not yet synthesised: `Data` keeps what must outlive every release, `Service` the rest. */
export function buildApp(options: AppOptions = {}): App {
  const validate = options.validate ?? true;
  const app = new App({
    context: { ...featureFlags, ...options.context, ...(options.stage === undefined ? {} : { stage: options.stage }) },
    ...(options.outdir === undefined ? {} : { outdir: options.outdir }),
    builtinCloudFormationValidation: validate,
  });
  const stage = readStage(app.node, options.functionsDir ?? 'dist/functions');
  const data = new DataStack(app, 'Data', stage);
  new ServiceStack(app, 'Service', stage, data);
  Tags.of(app).add('project', 'leadledger');
  Tags.of(app).add('stage', stage.name);
  if (validate) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

if (import.meta.main) {
  await buildFunctions();
  buildApp().synth();
}
