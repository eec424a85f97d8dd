"""The template as it is deployed to LocalEmu."""

import json

from .engine import BRIDGE, PORT

ADDRESS = f"http://{BRIDGE}:{PORT}"
SERVICES = ("SECRETS_MANAGER", "SESV2")


def fitted(template):
    """Functions find the services at their address."""
    template = json.loads(json.dumps(template))
    for each in template["Resources"].values():
        if each["Type"] == "AWS::Serverless::Function":
            variables = each["Properties"]["Environment"]["Variables"]
            variables.update({f"AWS_ENDPOINT_URL_{service}": ADDRESS for service in SERVICES})
            if "DYNAMODB_ENDPOINT" in variables:
                variables["DYNAMODB_ENDPOINT"] = ADDRESS
    return template
