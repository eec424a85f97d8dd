"""What users and operators do, from outside: each function of JOURNEYS is one story, on an account of its own. Together they
take the routes and commands that the end-to-end tests try on services of their own alone, and need every permission of the
template but those of permissions.UNSEEN.
"""

from . import accounts, factors, operators, unfinished

JOURNEYS = [
    accounts.refresh_and_reuse,
    accounts.stolen,
    accounts.oauth,
    accounts.sessions,
    accounts.guessing,
    accounts.password,
    accounts.verified_address,
    accounts.new_device,
    accounts.forgotten_password,
    accounts.other_address,
    accounts.address_after_address,
    accounts.name_data_and_deletion,
    accounts.proven_before_it_begins,
    factors.app,
    factors.passkey,
    factors.recovery_without_them,
    operators.commands,
    operators.invitation,
    operators.lost_factors,
    unfinished.before_a_login,
    unfinished.before_a_passkey,
    unfinished.many_sessions,
]
