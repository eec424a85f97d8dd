import { InMemoryWebStorage, User, UserManager, WebStorageStateStore } from "oidc-client-ts";

export function open({ issuer, clientId }) {
  const store = new WebStorageStateStore({ store: new InMemoryWebStorage() }); // there is no `window` here
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: "http://127.0.0.1/callback",
    stateStore: store,
    userStore: store,
    validateSubOnSilentRenew: false, // there is no ID token
  });
  const { metadataService } = manager;
  /** As if this user had signed in before. */
  const has = (tokens) => manager.storeUser(new User({ access_token: "", token_type: "Bearer", session_state: null, profile: {}, ...tokens }));
  return {
    discover: async () => [await metadataService.getTokenEndpoint(), await metadataService.getRevocationEndpoint()],
    async refresh(refresh_token) {
      await has({ refresh_token });
      return manager.signinSilent();
    },
    async revoke(token, type) {
      await has({ [type]: token });
      await manager.revokeTokens([type]);
    },
  };
}

export const codeOf = (error) => error.error;
