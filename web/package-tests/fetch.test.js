import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { rejection, somebody, startService } from "../tests/support.js";
import { openPage } from "./support.js";

let service;
before(async () => void (service = await startService()));
after(() => service.stop());

test("getJson answers, refreshes, and tells a session that is over from a network that is down", { timeout: 60_000 }, async (t) => {
  const { network } = openPage(service.url, "");
  const { client, getJson } = await import("./build/api.js");
  t.after(() => client.close());
  assert.equal(await getJson("/weather"), null);
  await client.register(somebody());
  assert.equal((await getJson("/weather")).length, 5);
  network.spoils("/weather");
  assert.equal((await getJson("/weather")).length, 5);
  assert.equal(network.count("/refresh"), 1);
  network.fails("/weather");
  assert.equal((await rejection(getJson("/weather"))).code, "network");
  assert.match((await rejection(getJson("/nowhere"))).message, /^\/nowhere answers 404$/);
  await client.clearAccessToken();
  network.answers("/refresh", 400, { error: "invalid_grant" });
  assert.equal(await getJson("/weather"), null);
  assert.equal(client.user, null);
});
