"""Faults for `scripts/deployed --break`: each must make the run fail. They change the template that is deployed."""


def _permission(template):
    """POST /refresh may no longer move a session."""
    role = template["Resources"]["RefreshFunction"]["Properties"]["Policies"][0]["Statement"]
    for statement in role:
        if "dynamodb:UpdateItem" in statement["Action"]:
            statement["Action"] = [action for action in statement["Action"] if action != "dynamodb:UpdateItem"]


def _route(template):
    """There is no POST /logout."""
    events = template["Resources"]["LogoutFunction"]["Properties"]["Events"]
    del events[next(name for name, each in events.items() if each["Properties"]["Path"] == "/logout")]


def _custom_resource(template):
    """The function that makes the keys may not store them."""
    (policy,) = template["Resources"]["KeysFunction"]["Properties"]["Policies"]
    for statement in policy["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != "secretsmanager:PutSecretValue"]


BREAKS = {"permission": _permission, "route": _route, "custom-resource": _custom_resource}
