"""Puts into an API what the emulator leaves out of an imported definition, as AWS's import does: gateway responses, and the
responses of preflights. It reads them in the template that the emulator itself has processed.
"""

import boto3

NO_VALUE = "AWS::NoValue"


class Values:
    """Intrinsic functions with the parameters of a stack."""

    def __init__(self, template, parameters):
        self.conditions = template.get("Conditions", {})
        self.parameters = {**parameters, NO_VALUE: None}

    def of(self, node):
        if isinstance(node, list):
            return [each for each in map(self.of, node) if each is not None]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((function, argument),) = node.items()
            if function == "Ref":
                return self.parameters.get(argument, f"<{argument}>")
            if function == "Fn::If":
                return self.of(argument[1] if self.holds(self.conditions[argument[0]]) else argument[2])
            if function == "Fn::Sub":
                return self._substituted(argument if isinstance(argument, str) else argument[0])
        values = {key: self.of(each) for key, each in node.items()}
        return {key: each for key, each in values.items() if each is not None}

    def holds(self, condition):
        ((function, argument),) = condition.items()
        if function == "Fn::Equals":
            left, right = map(self.of, argument)
            return str(left) == str(right)
        if function == "Fn::Not":
            return not self.holds(argument[0])
        if function == "Condition":
            return self.holds(self.conditions[argument])
        raise ValueError(f"a condition of an API with {function}")

    def _substituted(self, text):
        for name, value in self.parameters.items():
            text = text.replace(f"${{{name}}}", str(value))
        return text


def put(stack, *, preflights=True):
    """Returns how many gateway responses and preflights were put."""
    template = stack.processed()
    ((logical, api),) = [item for item in template["Resources"].items() if item[1]["Type"] == "AWS::ApiGateway::RestApi"]
    body = Values(template, stack.parameters()).of(api["Properties"]["Body"])
    gateway, api_id = boto3.client("apigateway"), stack.physical(logical)
    responses = body["x-amazon-apigateway-gateway-responses"]
    for kind, response in responses.items():
        members = {key: response[key] for key in ("responseParameters", "responseTemplates") if key in response}
        if "statusCode" in response:
            members["statusCode"] = str(response["statusCode"])
        gateway.put_gateway_response(restApiId=api_id, responseType=kind, **members)
    pages = gateway.get_paginator("get_resources").paginate(restApiId=api_id)
    ids = {each["path"]: each["id"] for page in pages for each in page["items"]}
    operations = [(ids[path], each["options"]) for path, each in body["paths"].items() if "options" in each and preflights]
    for resource, operation in operations:
        _put_preflight(gateway, {"restApiId": api_id, "resourceId": resource, "httpMethod": "OPTIONS"}, operation)
    stage = next(each for each in template["Resources"].values() if each["Type"] == "AWS::ApiGateway::Stage")
    gateway.create_deployment(restApiId=api_id, stageName=stage["Properties"]["StageName"])
    return len(responses), len(operations)


def _put_preflight(gateway, method, operation):
    integration = operation["x-amazon-apigateway-integration"]
    gateway.put_integration(**method, type="MOCK", requestTemplates=integration["requestTemplates"])
    for status, response in operation["responses"].items():
        headers = {f"method.response.header.{name}": True for name in response.get("headers", {})}
        gateway.put_method_response(**method, statusCode=str(status), responseParameters=headers)
    for response in integration["responses"].values():
        gateway.put_integration_response(
            **method,
            statusCode=str(response["statusCode"]),
            responseParameters=response.get("responseParameters", {}),
            responseTemplates=response.get("responseTemplates", {}),
        )
