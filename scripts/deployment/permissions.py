"""Shows that each permission of each function is needed: without it some story fails. What no story needs has its reason here."""

import json

import boto3

from . import trials
from .client import Unexpected
from .journeys import JOURNEYS

CONNECTS = "a read while the function starts opens the connection to DynamoDB; if it is refused, the first request opens it"
QUEUE = "the emulator puts a mail that fails into the queue without asking for the permission of the role"

# Function, statement, action: why nothing fails without it.
UNSEEN = {
    ("LogoutFunction", "EndSession", "dynamodb:GetItem"): CONNECTS,
    ("RefreshFunction", "MoveOrEndSession", "dynamodb:GetItem"): CONNECTS,
    ("SessionsFunction", "ListAndEndSessions", "dynamodb:GetItem"): CONNECTS,
    # SAM gives it to the role, for the destination of the event.
    ("MailerFunction", "", "sqs:SendMessage"): QUEUE,
}


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


def rotation(at):
    """What only the custom resource does. It comes last, since it changes the stack."""
    at.stack.recover()
    for problem in trials.rotation(at):
        raise Unexpected(problem)


EVERY = [*JOURNEYS, rotation]


def problem_of(journey, at):
    """What fails in a story, or none."""
    try:
        journey(at)
    except Unexpected as unexpected:
        return str(unexpected)
    return None


class Stories:
    """The stories, those first that have failed without another permission of the same role."""

    def __init__(self, at):
        self.at = at
        self.failed = {}

    def first_that_fails(self, role):
        """The first story that fails, and why; or none."""
        likely = self.failed.setdefault(role, [])
        for journey in [*likely, *(each for each in EVERY if each not in likely)]:
            if problem := problem_of(journey, self.at):
                if journey not in likely:
                    likely.append(journey)
                return journey, problem
        return None, None


class Functions:
    """Lambda keeps what a function has started with. A change of its configuration makes it start anew; on the emulator a change
    of its description does not.
    """

    def __init__(self, stack):
        self.client = boto3.client("lambda")
        every = self.client.get_paginator("list_functions").paginate()
        self.of_role = {}
        for each in (each for page in every for each in page["Functions"]):
            self.of_role.setdefault(each["Role"].rsplit("/", 1)[-1], []).append(each)

    def start_anew(self, role):
        for each in self.of_role.get(role, []):
            self.client.update_function_configuration(FunctionName=each["FunctionName"], MemorySize=each["MemorySize"])


def problems(at):
    iam, functions, stories = boto3.client("iam"), Functions(at.stack), Stories(at)
    journey, problem = stories.first_that_fails("")
    if journey:
        yield f"with all permissions {journey.__name__} fails: {problem}"
        return
    seen, absent = 0, {*UNSEEN}
    for role, policy, document, index, action in [*statements(at.stack)]:
        name = (role.removeprefix(f"{at.stack.name}-").rsplit("Role", 1)[0], document["Statement"][index].get("Sid", ""), action)
        absent.discard(name)
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=without(document, index, action))
        functions.start_anew(role)
        journey, problem = stories.first_that_fails(role)
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
        functions.start_anew(role)
        if journey is None:
            print("   ", " ".join(name), "->", "nothing fails", flush=True)
            if name not in UNSEEN:
                yield f"nothing fails without {' '.join(name)}"
            continue
        print("   ", " ".join(name), "->", f"{journey.__name__}: {problem}", flush=True)
        seen += 1
        if name in UNSEEN:
            yield f"{' '.join(name)} is needed, though permissions.py says otherwise"
        # Otherwise it was not the permission.
        if problem := problem_of(journey, at):
            yield f"{journey.__name__} fails with {' '.join(name)} too: {problem}"
    yield from (f"{' '.join(name)} is no permission, so take it out of permissions.py" for name in sorted(absent))
    print(f"    {seen} permissions are needed")
