import assert from "node:assert/strict";
import { test } from "node:test";
import { readLink } from "../dist/account.js";

/** A page at this address, whose history is noted. */
function openAt(t, href) {
  const location = new URL(href);
  const calls = [];
  const history = { state: { key: 7 }, replaceState: (...call) => calls.push(call) };
  for (const [name, value] of Object.entries({ location, history })) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true });
    t.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
  }
  return calls;
}

const token = "3q2-7wEjRWeJq83vASNFZ4mrze8BI0VniavN7wEjRW_";

test("on a server, where there is no address, there is no link", () => {
  assert.equal(globalThis.location, undefined);
  assert.equal(readLink(), null);
});

test("the code of each kind of link is read, and taken out of the address", (t) => {
  for (const kind of ["reset", "verify", "registration", "change_address", "address_changed", "invitation"]) {
    const calls = openAt(t, `https://app.example.com//account?lang=en#${kind}=${token}`);
    assert.deepEqual(readLink(), { kind, token });
    assert.deepEqual(calls, [[{ key: 7 }, "", "https://app.example.com//account?lang=en"]]);
  }
});

test("a fragment that is no code stays where it is", (t) => {
  for (const fragment of ["", "#", "#reset", "#reset=", "#top", "#/reset=x", "#xreset=x", "#password_changed=x", "#RESET=x"]) {
    const calls = openAt(t, `https://app.example.com/${fragment}`);
    assert.equal(readLink(), null, fragment);
    assert.deepEqual(calls, []);
  }
});

test("a code that no service could have made is taken out too", (t) => {
  const calls = openAt(t, "https://app.example.com/");
  const link = readLink(new URL("https://app.example.com/a#reset=a=b#c"));
  assert.deepEqual(link, { kind: "reset", token: "a=b#c" });
  assert.deepEqual(calls, [[{ key: 7 }, "", "https://app.example.com/a"]]);
});
