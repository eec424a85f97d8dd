"""Prints template.yaml as CloudFormation would see it: expanded by the SAM translator.

SAM adds resources and references of its own, so some mistakes, cycles above all, exist only after translation.
Needs no AWS account. Parameters have their defaults, or what is given as NAME=VALUE. With --plant-cycle it puts a mistake of
that kind in first, for a check of the check.
"""

import argparse
import json
import logging
import os
import sys

# The translator asks for the partition of the region; any region will do.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samcli.yamlhelper import parse_yaml_file, yaml_dump, yaml_parse
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of feature flags that only AWS sets

CODE = "s3://bucket/code.zip"  # what `sam package` puts in place of a local path
PLACEHOLDER = "{}"  # for parameters without a default: keys


class NoManagedPolicies:
    """Stands in for the list of managed policies in an AWS account: the template uses none by name."""

    def load(self):
        return {}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("template")
    arguments.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    arguments.add_argument("--plant-cycle", action="store_true", help="make an issuer from a reference to the API")
    arguments = arguments.parse_args()

    given = dict(parameter.split("=", 1) for parameter in arguments.parameters)
    translated, _ = translated_with(given, arguments.template, plant_cycle if arguments.plant_cycle else None)
    print(json.dumps(translated, indent=2))


def translated_with(given, path="template.yaml", change=None):
    """The template in CloudFormation's terms with these parameters, and the parameters that it declares."""
    # There and back, as `sam build` does: YAML aliases become separate copies.
    template = yaml_parse(yaml_dump(parse_yaml_file(path)))
    if unused := unused_parameters(template):
        sys.exit(f"parameters that nothing uses: {', '.join(unused)}")
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = CODE
    if change:
        change(template)
    parameters = {name: str(each.get("Default", PLACEHOLDER)) for name, each in template["Parameters"].items()}
    if unknown := given.keys() - parameters.keys():
        sys.exit(f"no parameters of the template: {', '.join(sorted(unknown))}")
    parameters.update(given)
    declared = template["Parameters"]
    try:
        return transform(template, parameters, NoManagedPolicies()), declared
    except InvalidDocumentException as invalid:
        sys.exit("\n".join(cause.message for cause in invalid.causes))


def unused_parameters(template):
    """cfn-lint has a rule for them, but not before translation, and translation replaces some references by values."""
    elsewhere = json.dumps({name: part for name, part in template.items() if name not in ("Metadata", "Parameters")})
    return [
        name
        for name in template["Parameters"]
        if json.dumps({"Ref": name}) not in elsewhere and f"${{{name}}}" not in elsewhere
    ]


def plant_cycle(template):
    """The API needs the function that authorizes for it, and the function would need the API."""
    variables = template["Resources"]["AuthorizerFunction"]["Properties"]["Environment"]["Variables"]
    variables["ISSUER"] = {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}


if __name__ == "__main__":
    main()
