"""Checks what docs/attach/cdk synthesises: with cfn-lint, and for who may call the authorizer, what is remembered and which routes
it guards; that the function in it finds the caller; and that a planted mistake is found. Run by scripts/lint-cdk.
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LINTER = pathlib.Path(sys.executable).parent / "cfn-lint"
# CDK itself writes dependencies that another reference makes anyway.
IGNORED = ["--ignore-checks", "W3005"]
CALL = 'const {handler} = module.exports; handler(JSON.parse(process.argv[1])).then((answer) => console.log(answer.body));'


def of_type(template, kind):
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]


def problems(template):
    (authorizer,) = of_type(template, "AWS::ApiGateway::Authorizer")
    if authorizer["AuthorizerResultTtlInSeconds"] != 0:
        yield "answers of the authorizer are remembered"
    if authorizer["IdentitySource"] != "method.request.header.Authorization":
        yield f"the authorizer is asked about {authorizer['IdentitySource']}"
    for method in of_type(template, "AWS::ApiGateway::Method"):
        if method["HttpMethod"] != "OPTIONS" and method["AuthorizationType"] != "CUSTOM":
            yield f"{method['HttpMethod']} is not guarded"
    calls = [each for each in of_type(template, "AWS::Lambda::Permission") if "authorizer" in json.dumps(each["FunctionName"]).lower()]
    if len(calls) != 1 or "authorizers/" not in json.dumps(calls[0]["SourceArn"]):
        yield f"the permission to call the authorizer is not for this API alone: {calls}"
    refused = {each["ResponseType"]: each["StatusCode"] for each in of_type(template, "AWS::ApiGateway::GatewayResponse")}
    if refused != {"ACCESS_DENIED": "401", "UNAUTHORIZED": "401"}:
        yield f"refusals are {refused}"
    yield from function_problems(template)


def function_problems(template):
    (function,) = of_type(template, "AWS::Lambda::Function")
    caller = json.loads((ROOT / "events/authorizer/request_valid.expected.json").read_text())["context"]
    event = json.dumps({"requestContext": {"authorizer": caller}})
    command = ["node", "-e", function["Code"]["ZipFile"] + CALL, event]
    ended = subprocess.run(command, capture_output=True, text=True)
    answer = json.loads(ended.stdout) if ended.returncode == 0 else ended.stderr
    if not isinstance(answer, dict) or (answer["user"], answer["session"]) != (caller["sub"], caller["sid"]):
        yield f"the function answers {answer}"


def main(folder):
    for name in ("Ratchet", "Orders"):
        file = folder / f"{name}.template.json"
        linted = subprocess.run([LINTER, *IGNORED, "--template", file], capture_output=True, text=True)
        if linted.returncode or linted.stdout:
            sys.exit(f"{name}: {linted.stdout}{linted.stderr}")
    template = json.loads((folder / "Orders.template.json").read_text())
    if found := [*problems(template)]:
        sys.exit("docs/attach/cdk: " + "; ".join(found))
    of_type(template, "AWS::ApiGateway::Authorizer")[0]["AuthorizerResultTtlInSeconds"] = 300
    if not [*problems(template)]:
        sys.exit("docs/attach/cdk: a planted mistake was not found")
    print("lint-cdk: nothing in what docs/attach/cdk synthesises; a planted mistake is found")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
