import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Its modules are made for a bundler. */
async function load() {
  const directory = mkdtempSync(fileURLToPath(new URL("../node_modules/.appauth-", import.meta.url)));
  const outfile = join(directory, "appauth.mjs");
  await build({ entryPoints: ["@openid/appauth"], absWorkingDir: directory, bundle: true, format: "esm", outfile, logLevel: "error" });
  const loaded = await import(pathToFileURL(outfile));
  rmSync(directory, { recursive: true });
  return loaded;
}

export async function open({ issuer, clientId }) {
  const appAuth = await load();
  const requestor = new appAuth.FetchRequestor();
  const configuration = await appAuth.AuthorizationServiceConfiguration.fetchFromIssuer(issuer, requestor);
  const handler = new appAuth.BaseTokenRequestHandler(requestor);
  const common = { client_id: clientId, redirect_uri: "http://127.0.0.1/callback" };
  return {
    discover: () => [configuration.tokenEndpoint, configuration.revocationEndpoint],
    async refresh(refresh_token) {
      const parameters = { ...common, grant_type: appAuth.GRANT_TYPE_REFRESH_TOKEN, refresh_token };
      const answer = await handler.performTokenRequest(configuration, new appAuth.TokenRequest(parameters));
      return { access_token: answer.accessToken, refresh_token: answer.refreshToken };
    },
    revoke: (token, token_type_hint) =>
      handler.performRevokeTokenRequest(configuration, new appAuth.RevokeTokenRequest({ token, token_type_hint, ...common })),
  };
}

/** It does not read the body of an error. */
export const codeOf = (error) => error.message;
