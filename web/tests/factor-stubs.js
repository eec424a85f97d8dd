/** Answers to the routes of second factors and passkeys, as the service gives them, for tests of what the page shows. */
import { newSession } from "./support.js";

const CODES = ["7K2M-9QXR-4TBN-V8WD", "H3FJ-6CZP-1YSG-E5AK", "QW4N-8RTB-2MXV-7D9C", "ZP6S-3GHJ-5KFE-1YAT", "B8VN-X4RQ-M2WD-9T7K"];
const DAY = 86_400;

/** The answers by what is asked for. Somebody has no app at first, and two passkeys. */
export function withFactors(service, person) {
  const now = Math.floor(Date.now() / 1000);
  let totp = null;
  const passkey = (id, name, days, more) => ({ id, name, created_at: now - days * DAY, last_used_at: null, backed_up: false, transports: [], ...more });
  const passkeys = [
    passkey("AQID", "Chrome on Linux", 40, { last_used_at: now - 3 * 3600 }),
    passkey("BAUG", "Ada's phone", 2, { backed_up: true, transports: ["hybrid", "internal"] }),
  ];
  return {
    "GET /.well-known/openid-configuration": async (send) => {
      const metadata = await (await send()).json();
      return Response.json({ ...metadata, ratchet_totp_enabled: true, ratchet_passkeys_enabled: true });
    },
    "GET /factors": async () => Response.json({ totp, recovery_codes_left: totp ? 8 : 0, passkeys: passkeys.length }),
    "POST /factors/totp": async () => {
      const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
      return Response.json({ secret, uri: `otpauth://totp/Ratchet:${person.email}?secret=${secret}&issuer=Ratchet` });
    },
    "POST /factors/totp/confirm": async (_send, body) => {
      if (JSON.parse(body).code !== "123456") {
        return Response.json({ error: "invalid_code", error_description: "The code does not work." }, { status: 400 });
      }
      totp = { added_at: now };
      return newSession(service, person, { recovery_codes: CODES })();
    },
    "POST /factors/recovery-codes": async () => Response.json({ recovery_codes: CODES }),
    "DELETE /factors/totp": async (_send, body) => {
      if (!JSON.parse(body).totp) {
        const error = { error: "mfa_required", error_description: "Send a second factor too.", factors: ["totp", "recovery_code"] };
        return Response.json(error, { status: 401 });
      }
      totp = null;
      return newSession(service, person)();
    },
    "GET /passkeys": async () => Response.json({ passkeys }),
    "PUT /passkeys/BAUG": async (_send, body) => {
      Object.assign(passkeys[1], JSON.parse(body));
      return Response.json(passkeys[1]);
    },
    "DELETE /passkeys/BAUG": async () => (passkeys.splice(1), newSession(service, person)()),
    // No browser of a test answers this one.
    "POST /passkeys/options": async () =>
      Response.json({ challenge_id: "challenge", public_key: { challenge: "AQ", userVerification: "required" }, expires_in: 300 }),
  };
}
