import { readFileSync } from "node:fs";
import { join } from "node:path";

import { CfnOutput, CfnStack, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket } from "aws-cdk-lib/aws-s3";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { BucketDeployment, Source } from "aws-cdk-lib/aws-s3-deployment";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";

/** The name of the parameter of Systems Manager that other stacks find the authorizer by. */
export const AUTHORIZER_ARN = "/ratchet/authorizer-arn";

export interface RatchetProps extends StackProps {
  /** The folder of a release: `template.yaml`, and the zips below folders of their architecture. */
  readonly release: string;
  /** Parameters of Ratchet's template, such as `AllowedOrigin` and `DomainName`. */
  readonly parameters?: Record<string, string>;
}

/** Ratchet as a nested stack, made of a release. */
export class Ratchet extends Stack {
  constructor(scope: Construct, id: string, props: RatchetProps) {
    super(scope, id, props);
    const template = new Asset(this, "Template", { path: join(props.release, "template.yaml") });
    const code = new Bucket(this, "Code", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    const zips = new BucketDeployment(this, "Zips", {
      destinationBucket: code,
      destinationKeyPrefix: codePrefix(props.release),
      sources: [Source.asset(props.release, { exclude: ["*.*", "!*.zip"] })],
      // Zips of the release before are what a rollback goes back to.
      prune: false,
    });
    const ratchet = new CfnStack(this, "Stack", {
      templateUrl: template.httpUrl,
      parameters: { ...props.parameters, CodeBucket: code.bucketName },
    });
    ratchet.node.addDependency(zips);
    const output = (name: string) => ratchet.getAtt(`Outputs.${name}`).toString();
    new StringParameter(this, "AuthorizerArn", { parameterName: AUTHORIZER_ARN, stringValue: output("AuthorizerArn") });
    new CfnOutput(this, "ApiUrl", { value: output("ApiUrl") });
  }
}

/** Where the template of a release looks for its zips: the default of its parameter CodePrefix. */
function codePrefix(release: string): string {
  const found = /^  CodePrefix:\n(?:    .*\n)*?    Default: (\S+)$/m.exec(readFileSync(join(release, "template.yaml"), "utf8"));
  if (!found) throw new Error(`${release} is not the folder of a release`);
  return found[1]!;
}
