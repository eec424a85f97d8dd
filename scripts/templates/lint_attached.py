"""Checks the templates of docs/attach: with sam validate and cfn-lint as they are written, with cfn-lint as CloudFormation will
see them, and for what no linter knows: who may call the authorizer, what is remembered, which routes it guards, and whether
the functions in them find the caller in what the authorizer really answers. Then that planted mistakes are found, and that the
page names commands of the AWS CLI and options that exist.

Run by scripts/lint-attached, in the environment of scripts/sam-tools.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import botocore.session
from botocore import xform_name
from samcli.yamlhelper import parse_yaml_file
from samtranslator.translator.transform import transform
from translate_template import NoManagedPolicies, unused_parameters

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOLS = pathlib.Path(sys.executable).parent
ARN = "arn:aws:lambda:us-east-1:123456789012:function:authorizer"
VALUES = {"AuthorizerArn": ARN, "Issuer": "https://auth.example.com"}

# What API Gateway or AppSync must be told of the authorizer, beside its address.
HEADER = "$request.header.Authorization"
AUTHORIZERS = {
    "rest": {
        "type": "request",
        "identitySource": "method.request.header.Authorization",
        "authorizerResultTtlInSeconds": 0,
    },
    "http": {
        "type": "request",
        "identitySource": [HEADER],
        "authorizerPayloadFormatVersion": "2.0",
        "enableSimpleResponses": True,
        "authorizerResultTtlInSeconds": 0,
    },
    "websocket": {"ApiId": {"Ref": "Api"}, "Name": "AccessToken", "AuthorizerType": "REQUEST"},
    "appsync": {"AuthorizerResultTtlInSeconds": 0},
    "jwt-authorizer": {
        "type": "jwt",
        "identitySource": HEADER,
        "jwtConfiguration": {"issuer": {"Ref": "Issuer"}, "audience": [{"Ref": "Audience"}]},
    },
}

# A mistake: the template, a text in it and what takes its place, and a part of what must be said about it.
PLANTED = [
    ("rest", "ReauthorizeEvery: 0", "ReauthorizeEvery: 300", "authorizer is told"),
    ("rest", "ACCESS_DENIED:", "ACCESS_DENY:", "ACCESS_DENIED"),
    ("http", "EnableSimpleResponses: true", "EnableSimpleResponses: false", "authorizer is told"),
    ("http", "EnableFunctionDefaultPermissions: true", "EnableFunctionDefaultPermissions: false", "permission"),
    ("http", '["lambda"]', "", "function"),
    ("websocket", "AuthorizerType: REQUEST", "AuthorizerTyp: REQUEST", "E3002"),
    ("websocket", "AuthorizationType: CUSTOM", "AuthorizationType: NONE", "route"),
    ("websocket", ":${Api}/authorizers/${AccessToken}", ":*", "permission"),
    ("websocket", "int(caller", "str(caller", "function"),
    ("appsync", "Principal: appsync", "Principal: apigateway", "permission"),
    ("appsync", "AuthenticationType: AWS_LAMBDA", "AuthenticationType: LAMBDA", "E30"),
    ("jwt-authorizer", "        DefaultAuthorizer: AccessToken\n", "", "route"),
]


def translate(path):
    """The template as CloudFormation will see it, with the address of the authorizer always as a reference."""
    template = parse_yaml_file(str(path))
    if unused := unused_parameters(template):
        sys.exit(f"{path}: parameters that nothing uses: {', '.join(unused)}")
    parameters = {name: VALUES.get(name, each.get("Default")) for name, each in template["Parameters"].items()}
    if "Transform" in template:
        template = transform(template, parameters, NoManagedPolicies())
    return json.loads(json.dumps(template).replace(json.dumps(ARN), json.dumps({"Ref": "AuthorizerArn"})))


def of_type(template, kind):
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]


def bodies(template):
    apis = [*of_type(template, "AWS::ApiGateway::RestApi"), *of_type(template, "AWS::ApiGatewayV2::Api")]
    return [api["Body"] for api in apis if "Body" in api]


def authorizers(template):
    for body in bodies(template):
        schemes = {**body.get("securityDefinitions", {}), **body.get("components", {}).get("securitySchemes", {})}
        yield from (scheme["x-amazon-apigateway-authorizer"] for scheme in schemes.values())
    yield from of_type(template, "AWS::ApiGatewayV2::Authorizer")
    yield from (api["LambdaAuthorizerConfig"] for api in of_type(template, "AWS::AppSync::GraphQLApi"))


def what_linters_do_not_know(name, template):
    told = [{key: value for key, value in each.items() if key.lower() != "authorizeruri"} for each in authorizers(template)]
    if told != [AUTHORIZERS[name]]:
        yield f"the authorizer is told {told}"
    yield from wrong_permissions(name, template)
    for body in bodies(template):
        operations = {method: each for path in body["paths"].values() for method, each in path.items()}
        for method, each in operations.items():
            if method != "options" and each.get("security") != [{"AccessToken": []}]:
                yield f"a route, {method}, is not guarded"
    for route in of_type(template, "AWS::ApiGatewayV2::Route"):
        if route["RouteKey"] == "$connect" and (
            route.get("AuthorizationType") != "CUSTOM" or route.get("AuthorizerId") != {"Ref": "AccessToken"}
        ):
            yield "the route $connect is not guarded"
    if name == "rest":
        responses = bodies(template)[0]["x-amazon-apigateway-gateway-responses"]
        for response in ("ACCESS_DENIED", "UNAUTHORIZED"):
            if responses.get(response, {}).get("statusCode") != "401":
                yield f"{response} is no 401"
    yield from wrong_functions(name, template)


def wrong_permissions(name, template):
    service = "appsync" if name == "appsync" else "apigateway"
    every = of_type(template, "AWS::Lambda::Permission")
    permissions = [each for each in every if each["FunctionName"] == {"Ref": "AuthorizerArn"}]
    if len(permissions) != (0 if name == "jwt-authorizer" else 1):
        yield f"there are {len(permissions)} permissions to call the authorizer"
    for permission in permissions:
        source = json.dumps(permission.get("SourceArn"))
        of_this_api = any(text in source for text in ('{"Ref": "Api"}', "${Api}", '["Api", "Arn"]'))
        if not of_this_api or permission["Principal"] != f"{service}.amazonaws.com":
            yield f"the permission to call the authorizer is not for this API: {permission}"


# ---- The functions in the templates, called with what the authorizer answers -------------------------------------------


def context_of(case):
    return json.loads((ROOT / f"events/authorizer/{case}.expected.json").read_text())["context"]


def events(name):
    """Contexts of requests as the function behind the authorizer gets them."""
    if name == "rest":
        return [{"authorizer": context_of("request_valid")}]
    if name == "http":
        return [{"authorizer": {"lambda": context_of("http_2_valid")}}]
    if name == "jwt-authorizer":
        return [{"authorizer": {"jwt": {"claims": {**context_of("http_2_valid"), "roles": "[]"}}}}]
    caller = context_of("websocket_subprotocol_valid")
    return [{"authorizer": caller, "eventType": "CONNECT"}, {"authorizer": caller, "eventType": "MESSAGE"}]


def wrong_functions(name, template):
    os.environ["ALLOWED_ORIGIN"] = "*"
    for function in of_type(template, "AWS::Lambda::Function"):
        inside = {}
        exec(compile(function["Code"]["ZipFile"], f"{name}/index.py", "exec"), inside)
        for context in events(name):
            headers = {"Sec-WebSocket-Protocol": "chat, ratchet.bearer.eyJ"}
            try:
                answer = inside["handler"]({"requestContext": context, "headers": headers}, None)
            except Exception as error:
                yield f"the function of {name} fails: {error!r}"
                continue
            if context.get("eventType") == "CONNECT":
                right = answer == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "chat"}}
            else:
                body = json.loads(answer["body"]) if "body" in answer else answer
                caller = context_of("http_2_valid")
                right = (body.get("user"), body.get("session")) == (caller["sub"], caller["sid"])
            if not right:
                yield f"the function of {name} answers {answer}"


# ---- The page --------------------------------------------------------------------------------------------------------

# Those of the CLI itself.
OF_EVERY_COMMAND = {"region", "query", "output"}


def wrong_commands(page):
    """The CLI is made of the same model as botocore: a command for an operation, an option for a member of its input."""
    session = botocore.session.get_session()
    commands = re.findall(r"\baws ([a-z0-9]+) ([a-z-]+)((?:\\\n|[^`|)\n])*)", page)
    if len(commands) < 9:
        yield f"only {len(commands)} commands were found"
    for service, command, rest in commands:
        model = session.get_service_model(service)
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        if command not in operations:
            yield f"aws {service} has no {command}"
            continue
        members = model.operation_model(operations[command]).input_shape.members
        known = OF_EVERY_COMMAND | {xform_name(name, "-") for name in members}
        options = set(re.findall(r"--([a-z0-9-]+)", rest))
        yield from (f"aws {service} {command} has no --{option}" for option in sorted(options - known))


# ---- All of it ------------------------------------------------------------------------------------------------------


def run(*command):
    """What a linter says, nothing if it is content."""
    done = subprocess.run([TOOLS / command[0], *command[1:]], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def linted(path, *, sam=True):
    with tempfile.TemporaryDirectory() as temporary:
        translated = pathlib.Path(temporary, "translated.json")
        translated.write_text(json.dumps(translate(path)))
        # SAM puts values in place of the references that it uses itself (W2001).
        said = [
            run("sam", "validate", "--lint", "--region", "us-east-1", "--template", str(path)) if sam else "",
            run("cfn-lint", "--template", str(path)),
            run("cfn-lint", "--ignore-checks", "W2001", "--template", str(translated)),
        ]
    return [*filter(None, said)]


def find_planted(name, text, instead, expected):
    source = (ROOT / f"docs/attach/{name}/template.yaml").read_text()
    if source.count(text) != 1:
        sys.exit(f"docs/attach/{name}: {text!r} is there {source.count(text)} times")
    with tempfile.TemporaryDirectory() as temporary:
        path = pathlib.Path(temporary, "template.yaml")
        path.write_text(source.replace(text, instead))
        unknown_to_linters = not expected.startswith("E")
        found = what_linters_do_not_know(name, translate(path)) if unknown_to_linters else linted(path, sam=False)
        found = [*found]
    if not any(expected in problem for problem in found):
        sys.exit(f"docs/attach/{name}: {instead!r} in place of {text!r} was not found, but: {found}")


def main():
    templates = {path.parent.name: path for path in sorted((ROOT / "docs/attach").glob("*/template.yaml"))}
    if templates.keys() != AUTHORIZERS.keys():
        sys.exit(f"docs/attach has {sorted(templates)}, and this checks {sorted(AUTHORIZERS)}")
    for name, path in templates.items():
        if found := [*linted(path), *what_linters_do_not_know(name, translate(path))]:
            sys.exit(f"docs/attach/{name}: " + "\n".join(found))
    for planted in PLANTED:
        find_planted(*planted)
    page = (ROOT / "docs/attach/README.md").read_text()
    if wrong := [*wrong_commands(page)]:
        sys.exit("docs/attach/README.md: " + "\n".join(wrong))
    if not [*wrong_commands(page.replace("--enable-simple-responses", "--enable-simple-answers"))]:
        sys.exit("an option that the AWS CLI does not have was not found in docs/attach/README.md")
    print(f"lint-attached: nothing in {len(templates)} templates; {len(PLANTED)} planted mistakes are found")


if __name__ == "__main__":
    main()
