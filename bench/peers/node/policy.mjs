// What an authorizer of a REST API answers.

/** The token of an event. */
export const bearer = (event) => event.headers.Authorization.slice("Bearer ".length);

/** A policy about the whole stage: Allow with these claims as context, Deny without. */
export function policy(event, claims) {
  const [api, stage] = event.methodArn.split("/");
  return {
    principalId: claims?.sub ?? "anonymous",
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: claims ? "Allow" : "Deny", Resource: `${api}/${stage}/*` }],
    },
    context: claims && {
      sub: claims.sub,
      sid: claims.sid,
      email: claims.email,
      name: claims.name,
      roles: (claims.roles ?? []).join(" "),
      exp: String(claims.exp),
    },
  };
}
