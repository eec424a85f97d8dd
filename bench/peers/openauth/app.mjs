// An issuer as OpenAuth's documentation sets one up, with its DynamoDB adapter. Whom it signs in is decided by a provider
// that lets any client in, since only refreshes are measured.
import { issuer } from "@openauthjs/openauth";
import { DynamoStorage } from "@openauthjs/openauth/storage/dynamo";
import { createSubjects } from "@openauthjs/openauth/subject";

const anybody = {
  type: "anybody",
  init() {},
  client: async ({ clientID }) => ({ clientID }),
};

export const app = issuer({
  storage: DynamoStorage({ table: process.env.OPENAUTH_TABLE, endpoint: process.env.DYNAMODB_ENDPOINT }),
  subjects: createSubjects({}),
  providers: { bench: anybody },
  success: (context, { clientID }) =>
    context.subject("user", { id: clientID, email: "ada@example.com", name: "Ada Lovelace", roles: [] }),
});
