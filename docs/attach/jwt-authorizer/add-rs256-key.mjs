// Puts a new RS256 key behind the other signing keys of a key set, as one that is to come. Reads the set from stdin and
// writes it to stdout; stderr says which keys stand before it and must be revoked for it to be the next.
import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";

const set = JSON.parse(readFileSync(0, "utf8"));
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

// RFC 7638 section 3: the required members, in this order.
const { e, kty, n } = publicKey.export({ format: "jwk" });
const kid = createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");
const private_key = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64url");

const before = set.signing_keys.filter((key) => key.state === "next").map((key) => key.kid);
set.signing_keys.push({ kid, alg: "RS256", state: "next", private_key });

process.stdout.write(JSON.stringify(set, null, 2));
process.stderr.write(`RevokeKeys=${before.join(",")}\n`);
