"""The templates of a release, made of what `sam build` wrote: one that finds the zips in a bucket, and one for the Serverless
Application Repository, to which `sam publish` takes it.
"""

FUNCTION = "AWS::Serverless::Function"
BUCKET = {
    "Type": "String",
    "AllowedPattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    "ConstraintDescription": "must be the name of a bucket",
    "Description": "The bucket, in the region of the stack, that the zips of the release were copied to.",
}


def binary(function):
    """The name of a function's binary, which its zip has too."""
    return function["Metadata"]["BuildProperties"]["Binary"]


def functions(template):
    return {name: each for name, each in template["Resources"].items() if each["Type"] == FUNCTION}


def _with_code(template, architectures, code):
    """The template with this in place of each function's folder, and without what only a build reads."""
    resources = dict(template["Resources"])
    for name, function in functions(template).items():
        kept = {key: each for key, each in function.items() if key != "Metadata"}
        resources[name] = kept | {"Properties": function["Properties"] | {"CodeUri": code(binary(function))}}
    architecture = template["Parameters"]["Architecture"] | {
        "AllowedValues": architectures,
        "Default": architectures[0],
        "Description": "Instruction set of the functions.",
    }
    return template | {"Parameters": template["Parameters"] | {"Architecture": architecture}, "Resources": resources}


def for_a_bucket(template, architectures, prefix):
    made = _with_code(
        template,
        architectures,
        lambda name: {"Bucket": {"Ref": "CodeBucket"}, "Key": {"Fn::Sub": f"${{CodePrefix}}/${{Architecture}}/{name}.zip"}},
    )
    # Another release has another prefix, so that CloudFormation sees that all functions have changed.
    where = {"Type": "String", "Default": prefix, "Description": "What the names of the zips in CodeBucket begin with."}
    made["Parameters"] = {"CodeBucket": BUCKET, "CodePrefix": where} | made["Parameters"]
    return made


def for_the_repository(template, architecture, version):
    made = _with_code(template, [architecture], lambda name: f"{architecture}/{name}.zip")
    application = {
        "Name": "ratchet",
        "Description": template["Description"].strip(),
        "Author": "Ratchet contributors",
        "SpdxLicenseId": "Apache-2.0",
        "LicenseUrl": "LICENSE",
        "ReadmeUrl": "README.md",
        "Labels": ["authentication", "jwt", "refresh-token", "authorizer", "serverless"],
        "SemanticVersion": version,
    }
    return made | {"Metadata": template.get("Metadata", {}) | {"AWS::ServerlessRepo::Application": application}}
