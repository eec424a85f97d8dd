"""What MiniStack is known to do otherwise than AWS: the one list. Whatever else fails is a fault, and a gap that no longer shows
is one too, so that the list stays short. What its gateway answers otherwise is in tests/src/emulation.rs, for
RATCHET_EMULATION=ministack.
"""

# ---- What is changed in the template before it is deployed: fitted.py ------------------------------------------------

METRIC_MATH = "alarms over several metrics are refused, so they are left out"
SECRET_REF = "Ref of a secret is its name, of which no policy is made; on AWS it is the ARN, as the attribute Id is here"

# ---- What is put into the API afterwards: imported_body.py -----------------------------------------------------------

GATEWAY_RESPONSES = "gateway responses in the definition of an API are not imported; they are put by the API's own call"
PREFLIGHTS = "responses of mock integrations, which preflights are, are not imported; they are put in the same way"

# ---- What scripts/smoke must find amiss ------------------------------------------------------------------------------

NO_CONTEXT = "a gateway response has nothing from the authorizer's context"
NO_TTL = "CloudFormation does not switch on TTL"

SMOKE = {
    # The emulator asks the authorizer about a missing header too, which the template takes either way.
    "no token: 401 with the challenge Bearer": NO_CONTEXT,
    "a bad token: WWW-Authenticate from the authorizer's context": NO_CONTEXT,
    "a bad token: Is-Token-Expired from the authorizer's context": NO_CONTEXT,
    "a bad token: the body from the authorizer's context": NO_CONTEXT,
    "an expired token: 401 and Is-Token-Expired: true": NO_CONTEXT,
    "TTL deletes by expires_at": NO_TTL,
}
