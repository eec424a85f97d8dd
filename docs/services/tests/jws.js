/** Signing keys, key sets and tokens of our own making. */
import { createHash, generateKeyPairSync, sign } from "node:crypto";

const members = { OKP: ["crv", "kty", "x"], EC: ["crv", "kty", "x", "y"], RSA: ["e", "kty", "n"] };

export function newKey(alg, state) {
  const [type, options] = { EdDSA: ["ed25519"], ES256: ["ec", { namedCurve: "P-256" }], RS256: ["rsa", { modulusLength: 2048 }] }[alg];
  const { publicKey, privateKey } = generateKeyPairSync(type, options);
  const jwk = publicKey.export({ format: "jwk" });
  const thumbprint = JSON.stringify(Object.fromEntries(members[jwk.kty].map((name) => [name, jwk[name]])));
  const kid = createHash("sha256").update(thumbprint).digest("base64url"); // RFC 7638
  const private_key = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64url");
  return { alg, kid, jwk, privateKey, entry: { kid, alg, state, private_key } };
}

export const keySetOf = (...signing) =>
  JSON.stringify({
    signing_keys: signing.map((key) => key.entry),
    refresh_token_keys: [{ id: 1, state: "current", key: Buffer.alloc(32, 7).toString("base64url") }],
  });

export const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token of this payload, which is base64url already. The header names the key and its algorithm unless it says otherwise. */
export function signed(header, payload, key) {
  const message = `${part({ typ: "at+jwt", alg: key.alg, kid: key.kid, ...header })}.${payload}`;
  const digest = key.alg === "EdDSA" ? null : "sha256";
  const signature = sign(digest, Buffer.from(message), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
  return `${message}.${signature.toString("base64url")}`;
}

/** The same token with another character in the middle of a part. */
export function damaged(text, at) {
  const parts = text.split(".");
  const middle = Math.floor(parts[at].length / 2);
  const other = parts[at][middle] === "A" ? "B" : "A";
  parts[at] = parts[at].slice(0, middle) + other + parts[at].slice(middle + 1);
  return parts.join(".");
}
