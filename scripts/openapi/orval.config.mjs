// Two clients of the openapi.yaml in the current directory: one that uses fetch, and one whose answers zod checks.
import { resolve } from "node:path";

const client = (name) => ({ input: { target: resolve("openapi.yaml") }, output: { target: resolve(`orval-${name}.ts`), client: name } });

export default { fetch: client("fetch"), zod: client("zod") };
