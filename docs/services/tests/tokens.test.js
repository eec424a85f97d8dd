/**
 * The services of docs/services, each in front of the keys that `cargo run` publishes: which callers they serve, which they
 * refuse, and what they log then. scripts/services runs it.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startService } from "../../../web/tests/support.js";
import {
  assertForbidden, assertRefused, bearer, damaged, eventually, get, has, hmac, issuer, keys, keySetOf, notUtf8, publish, register,
  seconds, services, start, strangers, token, withMark, withTwice,
} from "./support.js";

let ratchet, hasty, other;
before(async () => {
  const KEY_SET = keySetOf(keys.RS256, keys.EdDSA, keys.ES256);
  ratchet = await startService({ ISSUER: issuer, KEY_SET, ACCESS_TOKEN_SECONDS: "300" });
  hasty = await startService({ ISSUER: issuer, KEY_SET, ACCESS_TOKEN_SECONDS: "2" });
  other = await startService({ ISSUER: issuer, KEY_SET, AUDIENCE: "another", ACCESS_TOKEN_SECONDS: "300" });
});
after(async () => {
  await ratchet?.stop();
  await hasty?.stop();
  await other?.stop();
});

for (const name of Object.keys(services)) {
  describe(name, () => {
    let service;
    before(async () => {
      await publish(ratchet);
      service = await start(name);
    });
    after(() => service?.stop());

    test("it serves callers who have signed in, until the token expires", async () => {
      const { access_token, refresh_token, session_id, user } = await register(ratchet);
      const answer = await bearer(service, access_token);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.deepEqual(answer.body, { user: user.id, session: session_id, roles: [] });
      assertRefused(await bearer(service, refresh_token));
      const short = (await register(hasty)).access_token;
      const late = await eventually(() => bearer(service, short), ({ status }) => status !== 200);
      assertRefused(late, { expired: true });
    });

    test("it takes every algorithm that Ratchet has, and the media type and the scheme however they are spelt", async () => {
      const good = [token({}, {}, keys.ES256), token({}, {}, keys.RS256), token({ typ: "application/at+jwt" })];
      for (const text of good) assert.equal((await bearer(service, text)).status, 200, text);
      assert.equal((await get(service, [`bearer ${token()}`])).status, 200);
    });

    test("without a header it is 401 and a bare challenge, whatever is in the query", async () => {
      assertRefused(await get(service, []), { missing: true });
      assertRefused(await get(service, [], `/hello?access_token=${token()}`), { missing: true });
    });

    test("of two headers none is good, nor is one of another scheme or with two tokens", async () => {
      assertRefused(await get(service, [`Bearer ${token()}`, `Bearer ${token()}`]));
      assertRefused(await get(service, [`Bearer ${token()}`, "Basic YTpi"]));
      assertRefused(await get(service, [`Basic ${token()}`]));
      assertRefused(await get(service, [token()]));
      assertRefused(await get(service, [`Bearer ${token()} ${token()}`]));
    });

    test("a token for another audience is refused", async () => {
      assertRefused(await bearer(service, (await register(other)).access_token));
    });

    test("an expired token is called so only if it is genuine, and it is over in the second that it names", async () => {
      assertRefused(await bearer(service, token({}, { exp: seconds() })), { expired: true });
      assertRefused(await bearer(service, token({}, { exp: seconds() - 30 })), { expired: true });
      assertRefused(await bearer(service, damaged(token({}, { exp: seconds() - 30 }), 2)));
      const expired = has(name, "looks at exp before iss and aud");
      assertRefused(await bearer(service, token({}, { exp: seconds() - 30, aud: "nobody" })), { expired });
    });

    const unsigned = (alg) => `${token({ alg }).split(".", 2).join(".")}.`;
    const embedded = { alg: "EdDSA", kid: undefined, jwk: strangers.jwk };
    const bad = {
      "is no token": () => "x.y.z",
      "is empty in the middle": () => "..",
      "is unsigned": () => unsigned("none"),
      "is unsigned and says nOnE": () => unsigned("nOnE"),
      "has lost its signature": () => unsigned("EdDSA"),
      "has another payload": () => damaged(token(), 1),
      "has another signature": () => damaged(token(), 2),
      "has another header": () => damaged(token(), 0),
      "is an HMAC with the public key": () => hmac(keys.RS256.jwk.n, keys.RS256.kid),
      "names another algorithm than its key has": () => token({ alg: "ES256" }),
      "names another key than it is signed with": () => token({ kid: keys.ES256.kid }),
      "is signed by a stranger in the name of our key": () => token({ kid: keys.EdDSA.kid }, {}, strangers),
      "brings its own key": () => token(embedded, {}, strangers),
      "names no key": () => token({ kid: undefined }),
      "is of the type JWT": () => token({ typ: "JWT" }),
      "is of no type": () => token({ typ: undefined }),
      "has a critical header field": () => token({ crit: ["x"], x: 1 }),
      "has a critical header field that is null": () => token({ crit: null }),
      "is of another issuer": () => token({}, { iss: "https://example.com" }),
      "has no issuer": () => token({}, { iss: undefined }),
      "has no audience": () => token({}, { aud: undefined }),
      "has no end": () => token({}, { exp: undefined }),
      "ends at a text": () => token({}, { exp: "tomorrow" }),
      "ends at the answer to a question": () => token({}, { exp: true }),
      "ends at a part of a second": () => token({}, { exp: seconds() + 60.5 }),
      "ends later than a number can say": () => withTwice('"exp":1e400'),
      "is not good yet": () => token({}, { nbf: seconds() + 60 }),
      "is good from a text on": () => token({}, { nbf: "yesterday" }),
      "is good from a part of a second on": () => token({}, { nbf: seconds() - 60.5 }),
      "is good from null on": () => token({}, { nbf: null }),
      "is for a list of audiences": () => token({}, { aud: ["ratchet", "another"] }),
      "is for a list of this audience": () => token({}, { aud: ["ratchet"] }),
      "is for several audiences as one text": () => token({}, { aud: "ratchet another" }),
      "has no user": () => token({}, { sub: undefined }),
      "has no session": () => token({}, { sid: undefined }),
      "is of an empty user": () => token({}, { sub: "" }),
      "is of an empty session": () => token({}, { sid: "" }),
      "names its user by a number": () => token({}, { sub: 7 }),
      "names its session by a number": () => token({}, { sid: 7 }),
      "has its roles as a text": () => token({}, { roles: "editor" }),
      "has a role that is no text": () => token({}, { roles: ["editor", 7] }),
      "has null for roles": () => token({}, { roles: null }),
      "has another type in a claim of the deployer's own": () => token({}, { plan: 7 }),
    };
    for (const [what, make] of Object.entries(bad)) {
      test(`a token that ${what} is refused`, async () => assertRefused(await bearer(service, make())));
    }

    test("a token whose claims are not UTF-8 is refused", async () => {
      const answer = await bearer(service, notUtf8());
      if (has(name, "reads claims that are not UTF-8")) assert.equal(answer.status, 200);
      else assertRefused(answer);
    });

    test("a token in another spelling of base64 is refused", async () => {
      const answer = await bearer(service, `${token()}=`);
      if (has(name, "reads base64 of other spellings")) assert.equal(answer.status, 200);
      else assertRefused(answer);
    });

    test("of a claim that is there twice the first never counts, and a byte order mark changes nothing", async () => {
      // RFC 7519 section 4 lets a verifier refuse the token or take the last; RFC 8259 section 8.1 lets it pass over the mark.
      for (const member of ['"sub":"last"', '"s\\u0075b":"last"']) {
        const answer = await bearer(service, withTwice(member));
        if (answer.status !== 401) assert.deepEqual([answer.status, answer.body.user], [200, "last"], member);
        else assertRefused(answer);
      }
      const marked = await bearer(service, withMark());
      if (marked.status !== 401) assert.deepEqual([marked.status, marked.body.user], [200, "u"]);
      else assertRefused(marked);
    });

    test("a claim of the deployer's own is read, and may be absent", async () => {
      const plan = async (payload) => (await bearer(service, token({}, payload), "/plan")).body;
      assert.deepEqual(await plan({ plan: "gold" }), { plan: "gold" });
      assert.deepEqual(await plan({}), { plan: "free" });
      assertRefused(await get(service, [], "/plan"), { missing: true });
    });

    test("a route that needs a role serves who has it, and is 403 for all others", async () => {
      const reports = (roles) => bearer(service, token({}, { roles }), "/reports");
      const answer = await reports(["member", "editor"]);
      assert.deepEqual([answer.status, answer.body], [200, { reader: "u" }]);
      for (const roles of [undefined, [], ["member"], ["Editor"], ["not-an-editor"], ["not editor"]]) {
        assertForbidden(await reports(roles));
      }
      assertRefused(await reports("editor"));
      assertRefused(await get(service, [], "/reports"), { missing: true });
      assertRefused(await bearer(service, token({}, { exp: seconds() - 1, roles: ["editor"] }), "/reports"), { expired: true });
    });

    const logged = {
      "of a missing token": [undefined, /missing/],
      "of a token of another issuer": [() => token({}, { iss: "https://example.com" }), /iss/i],
      "of a token for another audience": [() => token({}, { aud: "nobody" }), /aud/i],
      "of an expired token": [() => token({}, { exp: seconds() - 1 }), /expired/i],
      "of a token of an unknown key": [() => token({}, {}, strangers), /key/i],
      "of a damaged token": [() => damaged(token(), 2), /signature/i],
      "of another type of token": [() => token({ typ: "JWT" }), /typ/i],
      "of a user without the role": [() => token({}, { sub: "user-17" }), /user-17 lacks the role editor/],
    };
    for (const [what, [make, reason]] of Object.entries(logged)) {
      test(`it logs the reason ${what}, and not the token`, async () => {
        const begin = service.said.length;
        const text = make?.();
        const { status } = await get(service, make ? [`Bearer ${text}`] : [], "/reports");
        assert.ok(status === 401 || status === 403, String(status));
        const since = () => service.said.slice(begin);
        const isReason = (line) => line.includes("Refused: ") && reason.test(line);
        await eventually(since, (lines) => lines.split("\n").some(isReason));
        if (text) assert.ok(!text.split(".").some((each) => since().includes(each)), "a part of the token is in the log");
      });
    }
  });
}
