/**
 * The service that `cargo run` starts, with keys and data in a directory, so that it can be started again with other keys
 * under the same address, plain or behind a TLS front.
 */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { damaged, newKey, part, signed } from "../../docs/services/tests/jws.js";
import { somebody, startService } from "../../web/tests/support.js";
import { freePort } from "./ports.js";
import { startFront } from "./front.js";

export class Ratchet {
  #settings;
  #options;
  #front;
  #running;

  /** Starts it with keys of the algorithm that it makes by itself. `certificate` puts the front before it. */
  static async start(algorithm, directory, certificate) {
    const ratchet = new Ratchet();
    const port = await freePort();
    ratchet.#front = certificate && (await startFront(certificate, port));
    ratchet.url = ratchet.#front?.url ?? `http://127.0.0.1:${port}`;
    ratchet.algorithm = algorithm;
    ratchet.#options = { port, directory };
    // Tokens must outlive a run on a busy machine.
    ratchet.#settings = { SIGNING_ALGORITHM: algorithm, ACCESS_TOKEN_SECONDS: "900", ...(certificate && { ISSUER: ratchet.url }) };
    await ratchet.#run();
    return ratchet;
  }

  async #run() {
    this.#running = await startService(this.#settings, this.#options);
  }

  #own = () => `http://127.0.0.1:${this.#options.port}`;
  #keyFile = () => join(this.#options.directory, "key-set.json");

  /** What libraries are told of it. */
  setting(clientId = "ratchet") {
    const jwksUri = `${this.url}/.well-known/jwks.json`;
    return { issuer: this.url, jwksUri, audience: "ratchet", algorithm: this.algorithm, clientId };
  }

  /** What a deployment with another KeyRotation does: the next key signs, and another one is published to be the next. */
  async rotate() {
    await this.#running.stop();
    const set = JSON.parse(readFileSync(this.#keyFile(), "utf8"));
    const later = { current: "retired", next: "current", retired: "retired" };
    for (const key of set.signing_keys) key.state = later[key.state];
    set.signing_keys.push(newKey(this.algorithm, "next").entry);
    writeFileSync(this.#keyFile(), JSON.stringify(set));
    await this.#run();
  }

  /** Changes the algorithm to another one and back: a new key signs, and a key of the other one is still published. */
  async changeAlgorithm() {
    for (const algorithm of [this.algorithm === "EdDSA" ? "ES256" : "EdDSA", this.algorithm]) {
      await this.#running.stop();
      this.#settings.SIGNING_ALGORITHM = algorithm;
      await this.#run();
    }
  }

  async register() {
    const answer = await this.#post("/register", somebody());
    assert.equal(answer.status, 201);
    return answer.json();
  }

  /** Whether the service itself takes an access token. */
  async takes(token) {
    const answer = await fetch(`${this.#own()}/me`, { headers: { authorization: `Bearer ${token}` } });
    return answer.status === 200;
  }

  #post(path, body) {
    const headers = { "content-type": "application/json" };
    return fetch(this.#own() + path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** The same token with these claims in place of its own, signed by the key that signs at present. */
  resigned(token, claims) {
    const [header, payload] = token.split(".", 2).map((text) => JSON.parse(Buffer.from(text, "base64url")));
    const { signing_keys } = JSON.parse(readFileSync(this.#keyFile(), "utf8"));
    const { alg, kid, private_key } = signing_keys.find(({ state }) => state === "current");
    const privateKey = createPrivateKey({ key: Buffer.from(private_key, "base64url"), format: "der", type: "pkcs8" });
    return signed(header, part({ ...payload, ...claims }), { alg, kid, privateKey });
  }

  async stop() {
    await this.#running.stop();
    this.#front?.stop();
  }
}

/** The same token with another signature. */
export const forged = (token) => damaged(token, 2);
