import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import {
  AuthorizationType,
  EndpointType,
  IdentitySource,
  LambdaIntegration,
  RequestAuthorizer,
  ResponseType,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import { Code, Function, Runtime } from "aws-cdk-lib/aws-lambda";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";

export interface OrdersProps extends StackProps {
  /** The parameter of Systems Manager with the ARN of Ratchet's authorizer. */
  readonly authorizerArnParameter: string;
  /** The origin whose pages may call the API, or `*`. */
  readonly allowedOrigin: string;
}

/** A REST API behind Ratchet's authorizer, with a function in Node.js. */
export class Orders extends Stack {
  constructor(scope: Construct, id: string, props: OrdersProps) {
    super(scope, id, props);
    const arn = StringParameter.valueForStringParameter(this, props.authorizerArnParameter);
    // `sameEnvironment`: so that the permission to call it, for this API alone, is made in this stack.
    const handler = Function.fromFunctionAttributes(this, "Ratchet", { functionArn: arn, sameEnvironment: true });
    const authorizer = new RequestAuthorizer(this, "AccessToken", {
      handler,
      identitySources: [IdentitySource.header("Authorization")],
      // A remembered answer outlives the token.
      resultsCacheTtl: Duration.seconds(0),
    });
    const api = new RestApi(this, "Api", {
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      defaultCorsPreflightOptions: { allowOrigins: [props.allowedOrigin], allowHeaders: ["authorization", "content-type"] },
    });
    this.refuseAsRatchetDoes(api, props.allowedOrigin);

    const list = new Function(this, "List", {
      runtime: Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: Code.fromInline(LIST),
      environment: { ALLOWED_ORIGIN: props.allowedOrigin },
    });
    const orders = api.root.addResource("orders");
    orders.addMethod("GET", new LambdaIntegration(list), { authorizer, authorizationType: AuthorizationType.CUSTOM });
    new CfnOutput(this, "Url", { value: api.urlForPath("/orders") });
  }

  /** Without these a refusal is a 403 that says nothing, and the browser client does not refresh. */
  private refuseAsRatchetDoes(api: RestApi, origin: string): void {
    const headers = {
      "Cache-Control": "'no-store'",
      "Access-Control-Allow-Origin": `'${origin}'`,
      "Access-Control-Expose-Headers": "'Is-Token-Expired,WWW-Authenticate'",
    };
    api.addGatewayResponse("AccessDenied", {
      type: ResponseType.ACCESS_DENIED,
      statusCode: "401",
      responseHeaders: {
        ...headers,
        "WWW-Authenticate": "context.authorizer.challenge",
        "Is-Token-Expired": "context.authorizer.token_expired",
      },
      templates: {
        "application/json":
          '{"error":"$context.authorizer.error","error_description":"$context.authorizer.error_description"}',
      },
    });
    api.addGatewayResponse("Unauthorized", {
      type: ResponseType.UNAUTHORIZED,
      statusCode: "401",
      responseHeaders: { ...headers, "WWW-Authenticate": "'Bearer'", "Is-Token-Expired": "'false'" },
      templates: { "application/json": '{"error":"invalid_token","error_description":"The access token is missing."}' },
    });
  }
}

/** The caller is in the context that the authorizer has answered with. */
const LIST = `
exports.handler = async (event) => {
  const { sub, sid, roles } = event.requestContext.authorizer;
  return {
    statusCode: 200,
    headers: { "content-type": "application/json", "access-control-allow-origin": process.env.ALLOWED_ORIGIN },
    body: JSON.stringify({ user: sub, session: sid, roles: roles.split(" ").filter(Boolean), orders: [] }),
  };
};
`;
