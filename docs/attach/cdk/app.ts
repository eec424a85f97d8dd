import { App, Tags } from "aws-cdk-lib";

import { AUTHORIZER_ARN, Ratchet } from "./lib/ratchet.js";
import { Orders } from "./lib/orders.js";

const app = new App();

// The folder of a release, unpacked: `cdk deploy --context release=ratchet-0.1.0`.
const ratchet = new Ratchet(app, "Ratchet", { release: app.node.getContext("release") });

// An API of one's own, in a stack of its own: each can be deployed, rolled back and deleted without the other.
const orders = new Orders(app, "Orders", { authorizerArnParameter: AUTHORIZER_ARN, allowedOrigin: "*" });
orders.addStackDependency(ratchet, "the parameter must be there at the first deployment");

Tags.of(app).add("project", "example");
