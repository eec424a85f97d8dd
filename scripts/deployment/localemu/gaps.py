"""What LocalEmu is known to do otherwise than AWS: the one list. Whatever else fails is a fault. What its gateway answers
otherwise is in tests/src/emulation.rs, for RATCHET_EMULATION=localemu.
"""

# ---- What is changed in the template before it is deployed: fitted.py ------------------------------------------------

ENDPOINTS = "functions do not reach it by AWS's names, so they are told its address"

# ---- What is done afterwards: keys.py and imported_body.py -----------------------------------------------------------

CUSTOM_RESOURCE = "custom resources are left out, and their attributes are the text `unknown`; their function is invoked as AWS does"

# ---- What fails ------------------------------------------------------------------------------------------------------

OPTIONS = "a route whose path ends in /options is not found"
SECRET = "a secret with RetainExceptOnCreate is deleted with its stack"

STORIES = {"passkey": OPTIONS, "before_a_passkey": OPTIONS}

# ---- What is not tried, since it depends on the speed of the machine ------------------------------------------------

SLOW = {"many_sessions": "a transaction of a hundred writes takes longer than the seven seconds that functions wait for it"}
