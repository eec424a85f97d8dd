"""What LocalEmu is known to do otherwise than AWS: the one list. Whatever else fails is a fault. What its gateway answers
otherwise is in tests/src/emulation.rs, for RATCHET_EMULATION=localemu.
"""

# ---- What is changed in the template before it is deployed: fitted.py ------------------------------------------------

ENDPOINTS = "functions do not reach it by AWS's names, so they are told its address"

# ---- What is done afterwards: keys.py and imported_body.py -----------------------------------------------------------

GATEWAY_RESPONSES = "gateway responses in the definition of an API are not imported; they are put by the API's own call"
CUSTOM_RESOURCE = "custom resources are left out, and their attributes are `unknown`; their function is invoked as on AWS"

# ---- What fails ------------------------------------------------------------------------------------------------------

OPTIONS = "a route whose path ends in /options is imported as a method of the path before it, so it is not found"

STORIES = {"passkey": OPTIONS, "before_a_passkey": OPTIONS}
END_TO_END = {
    "authorizer::protected_routes::two_authorization_headers_do_not_get_in": "of two lines of one header it passes on the first",
    "oauth::forms::only_a_declared_form_is_read": "it reads a multipart body itself, and refuses one that is none with an empty answer",
}
LOST = {"KeySetSecret": "a secret with RetainExceptOnCreate is deleted with its stack"}

# ---- What is not tried, since it depends on the speed of the machine ------------------------------------------------

SLOW = {"many_sessions": "a transaction of a hundred writes takes longer than the seven seconds that functions wait for it"}
