"""Checks which parameters scripts/set-parameters refuses. They must be those that change nothing, or not all, unless SAM sees
them: those that SAM reads itself, and those in the definition of the API, since the stage gets a new definition only with a
new deployment, whose name SAM makes.
"""

import functools
import json
import pathlib
import re
import sys

from translate_template import translated_with

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "set-parameters"
# What takes the place of a default where any text of its type will do.
OTHERS = {"Number": "7", "String": "other"}


def other(parameter):
    allowed = [str(each) for each in parameter.get("AllowedValues", [])]
    return next((each for each in allowed if each != str(parameter["Default"])), OTHERS[parameter["Type"]])


def named(node, conditions):
    """What a part of the template names by Ref and Sub, also in its conditions."""
    if isinstance(node, list):
        return set().union(*(named(each, conditions) for each in node))
    if not isinstance(node, dict):
        return set()
    found = set().union(*(named(each, conditions) for each in node.values()))
    for condition in [node["Fn::If"][0]] if "Fn::If" in node else [node.get("Condition")]:
        if isinstance(condition, str):
            found |= named(conditions[condition], conditions)
    if isinstance(node.get("Ref"), str):
        found.add(node["Ref"])
    if "Fn::Sub" in node:
        text = node["Fn::Sub"] if isinstance(node["Fn::Sub"], str) else node["Fn::Sub"][0]
        found |= set(re.findall(r"\$\{(\w+)\}", text))
    return found


def without_deployment(template):
    """The name of the deployment is another one each time (AlwaysDeploy)."""
    deployments = [name for name, each in template["Resources"].items() if each["Type"] == "AWS::ApiGateway::Deployment"]
    text = json.dumps(template, sort_keys=True)
    for name in deployments:
        text = text.replace(name, "Deployment")
    return re.sub(r'"Description": "RestApi deployment id: \w+"', "", text)


@functools.cache
def translated():
    return translated_with({})


@functools.cache
def is_read_by_sam(names):
    template, parameters = translated()
    others = {name: other(parameters[name]) for name in names}
    return without_deployment(translated_with(others)[0]) != without_deployment(template)


def problems(refused):
    template, parameters = translated()
    (api,) = [each for each in template["Resources"].values() if each["Type"] == "AWS::ApiGateway::RestApi"]
    in_api = named(api["Properties"]["Body"], template["Conditions"]) & parameters.keys()
    yield from (f"{name} stands in the definition of the API, and is not refused" for name in sorted(in_api - refused))
    # All at once, since a translation takes seconds.
    if is_read_by_sam(frozenset(parameters) - refused):
        yield "SAM reads one of the parameters that are not refused"
    for name in sorted(refused - in_api):
        if name not in parameters:
            yield f"{name} is refused, and is no parameter"
        elif not is_read_by_sam(frozenset([name])):
            yield f"{name} is refused, though SAM need not see it"


def main():
    refused = frozenset(re.search(r"^needs_sam=\((.*)\)$", SCRIPT.read_text(), re.MULTILINE)[1].split())
    if wrong := [*problems(refused)]:
        sys.exit("scripts/set-parameters: " + "; ".join(wrong))
    # A check that cannot fail checks nothing.
    for mistake in (refused - {"Tracing"}, refused - {"AllowedOrigin"}, refused | {"LogLevel"}):
        if not [*problems(mistake)]:
            sys.exit(f"a planted mistake in scripts/set-parameters was not found: {sorted(mistake)}")


if __name__ == "__main__":
    main()
