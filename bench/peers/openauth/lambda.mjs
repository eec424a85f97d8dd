// OpenAuth in a Lambda function.
import { handle } from "hono/aws-lambda";
import { run } from "../node/runtime.mjs";
import { app } from "./app.mjs";

run(handle(app));
