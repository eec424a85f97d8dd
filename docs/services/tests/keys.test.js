/**
 * When the services of docs/services fetch keys, how often, and who waits for it. scripts/services runs it.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startService } from "../../../web/tests/support.js";
import {
  assertRefused, assertUnavailable, bearer, cooldown, eventually, hold, issuer, jwks, keys, keySetOf, newKey, publish, services, start, strangers, token,
} from "./support.js";

let ratchet;
before(async () => {
  ratchet = await startService({ ISSUER: issuer, KEY_SET: keySetOf(keys.RS256, keys.EdDSA, keys.ES256) });
});
after(() => ratchet?.stop());

for (const name of Object.keys(services)) {
  describe(name, () => {
    let service;
    before(async () => {
      jwks.body = undefined;
      service = await start(name);
    });
    after(() => service?.stop());

    test("without keys it is 503, and keys are fetched once", async () => {
      assertUnavailable(await bearer(service, token()), name);
      await publish(ratchet);
      await eventually(() => bearer(service, token()), (answer) => answer.status === 200);
      const { fetched } = jwks;
      for (const key of Object.values(keys)) assert.equal((await bearer(service, token({}, {}, key))).status, 200);
      assert.equal(jwks.fetched, fetched, "known keys are not fetched again");
    });

    test("while keys are fetched for a token of an unknown key, tokens of known keys don't wait", async () => {
      const { reached, open } = hold();
      let forged;
      try {
        // Keys were fetched a moment ago, so the first of these tokens may be refused without another fetch.
        do forged = bearer(service, token({}, {}, strangers));
        while (await Promise.race([reached.then(() => false), forged.then(() => true)]));
        for (let turn = 0; turn < 3; turn += 1) assert.equal((await bearer(service, token())).status, 200);
      } finally {
        open();
      }
      // Where a known key had waited, the fetch would have ended without an answer, and this with a 503.
      assertRefused(await forged);
    });

    test("tokens of unknown keys make it fetch keys now and then, and a new key is found so", async () => {
      const [before, began] = [jwks.fetched, Date.now()];
      // One after the other: what comes at once may share a fetch.
      for (let turn = 0; turn < 40; turn += 1) assertRefused(await bearer(service, token({}, {}, strangers)));
      const most = 2 + (Date.now() - began) / 1000 / cooldown;
      assert.ok(jwks.fetched - before <= most, `${jwks.fetched - before} fetches, at most ${most}`);

      const fresh = newKey("EdDSA", "next");
      const rotated = await startService({ ISSUER: issuer, KEY_SET: keySetOf(keys.EdDSA, fresh) });
      await publish(rotated);
      await rotated.stop();
      await eventually(() => bearer(service, token({}, {}, fresh)), ({ status }) => status === 200);
    });

    test("a key that is published no more is refused before long, and so is every token while keys can't be had", async (t) => {
      await publish(ratchet);
      const service = await start(name, { JWKS_MAX_AGE_SECONDS: "2" });
      t.after(service.stop);
      assert.equal((await bearer(service, token())).status, 200);
      const left = await startService({ ISSUER: issuer, KEY_SET: keySetOf(newKey("EdDSA", "current"), keys.ES256) });
      await publish(left);
      await left.stop();
      assertRefused(await eventually(() => bearer(service, token()), ({ status }) => status !== 200));
      assert.equal((await bearer(service, token({}, {}, keys.ES256))).status, 200);
      jwks.body = undefined;
      const made = () => bearer(service, token({}, {}, keys.ES256));
      assertUnavailable(await eventually(made, ({ status }) => status !== 200), name);
      for (let turn = 0; turn < 5; turn += 1) assertUnavailable(await made(), name);
    });
  });
}
