/**
 * With which settings the services of docs/services refuse to start. scripts/services runs it.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { run, services, settings } from "./support.js";

const wrong = {
  JWKS_URL: ["", "127.0.0.1/jwks.json", "file:///etc/hosts"],
  ISSUER: [""],
  AUDIENCE: [""],
  JWKS_MAX_AGE_SECONDS: ["0", "1.5", "Infinity", "86401"],
  JWKS_COOLDOWN_SECONDS: ["0", "soon"],
};

/** Runs a service that must end before it listens, and returns what it has said. */
async function refusal(name, itsSettings) {
  const running = run(name, itsSettings);
  const listens = new Promise((resolve) => {
    running.child.stdout.on("data", () => /http:\/\/127/.test(running.said) && resolve([]));
    running.child.stderr.on("data", () => /http:\/\/127/.test(running.said) && resolve([]));
  });
  const [code] = await Promise.race([once(running.child, "close"), listens]);
  running.child.kill();
  assert.equal(code, 1, `${name} has started, or has ended otherwise than by itself: ${running.said}`);
  return running.said;
}

for (const name of Object.keys(services)) {
  describe(name, () => {
    for (const variable of ["JWKS_URL", "ISSUER", "AUDIENCE"]) {
      test(`without ${variable} it does not start, and says which variable is missing`, async () => {
        const itsSettings = settings();
        delete itsSettings[variable];
        assert.match(await refusal(name, itsSettings), new RegExp(`\\b${variable} is not set`));
      });
    }

    for (const [variable, values] of Object.entries(wrong)) {
      test(`with another ${variable} than there can be it does not start, and names the variable`, async () => {
        for (const value of values) {
          const said = await refusal(name, { ...settings(), [variable]: value });
          assert.match(said, new RegExp(`\\b${variable}\\b`), `${variable}=${value}: ${said}`);
        }
      });
    }
  });
}
