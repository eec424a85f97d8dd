"""Shows that each permission of each function is needed: without it some story fails. What no story needs has its reason here."""

import json

import boto3

from .client import Unexpected
from .journeys import JOURNEYS

# Function, statement, action: why nothing fails without it.
UNSEEN = {}


def statements(stack):
    """Each action that a role of the stack's own functions has by an inline policy: role, policy, document, statement, action."""
    iam = boto3.client("iam")
    for role in map(stack.physical, stack.resources("AWS::IAM::Role")):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            for index, statement in enumerate(document["Statement"]):
                actions = statement["Action"]
                for action in [actions] if isinstance(actions, str) else actions:
                    yield role, policy, document, index, action


def without(document, index, action):
    document = json.loads(json.dumps(document))
    statement = document["Statement"][index]
    actions = statement["Action"]
    left = [each for each in ([actions] if isinstance(actions, str) else actions) if each != action]
    if left:
        statement["Action"] = left
    else:
        # A policy may not be empty.
        statement["Effect"] = "Deny"
    return json.dumps(document)


def fails(at):
    """The first story that fails, or none."""
    for journey in JOURNEYS:
        try:
            journey(at)
        except Unexpected:
            return journey.__name__
    return None


class Functions:
    """Lambda keeps what a function has started with. A change of its configuration makes it start anew."""

    def __init__(self, stack):
        self.client = boto3.client("lambda")
        every = self.client.get_paginator("list_functions").paginate()
        self.of_role = {}
        for each in (each for page in every for each in page["Functions"]):
            self.of_role.setdefault(each["Role"].rsplit("/", 1)[-1], []).append(each["FunctionName"])

    def start_anew(self, role, why):
        for name in self.of_role.get(role, []):
            self.client.update_function_configuration(FunctionName=name, Description=why)


def problems(at):
    iam, functions = boto3.client("iam"), Functions(at.stack)
    seen = 0
    if journey := fails(at):
        yield f"with all permissions {journey} fails"
        return
    for role, policy, document, index, action in [*statements(at.stack)]:
        name = (role.removeprefix(f"{at.stack.name}-").rsplit("Role", 1)[0], document["Statement"][index].get("Sid", ""), action)
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=without(document, index, action))
        functions.start_anew(role, f"without {action}")
        journey = fails(at)
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
        functions.start_anew(role, "with all")
        seen += journey is not None
        print("   ", " ".join(name), "->", journey or "nothing fails", flush=True)
        if journey is None and name not in UNSEEN:
            yield f"nothing fails without {' '.join(name)}"
        if journey is not None and name in UNSEEN:
            yield f"{' '.join(name)} is needed, though permissions.py says otherwise"
    print(f"    {seen} permissions are needed")
