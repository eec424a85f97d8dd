"""Writes docs/configuration.md: the parameters of template.yaml by group, with their environment variables."""

import pathlib
import re
import sys

from samcli.yamlhelper import parse_yaml_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/configuration.md"
TEXT = ROOT / "docs/configuration/page.md"
# `cargo run` reads it; in a stack the custom resource does, from its properties.
LOCAL = {"SIGNING_ALGORITHM"}
HEADER = "| parameter | variable | default | what it is |\n|---|---|---|---|\n"


def variables(template):
    """The environment variables that functions get, by name."""
    for resource in template["Resources"].values():
        yield from resource.get("Properties", {}).get("Environment", {}).get("Variables", {})


def variable_of(parameter):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", parameter).upper()


def values(parameter):
    """The values that a parameter takes, as a sentence; none if its description has to say it."""
    if allowed := parameter.get("AllowedValues"):
        return "One of " + ", ".join(f"`{value}`" for value in allowed) + "."
    least, most = parameter.get("MinValue"), parameter.get("MaxValue")
    if least is not None and most is not None:
        return f"From {least} to {most}."
    return f"At least {least}." if least is not None else ""


def row(name, parameter, known):
    variable = variable_of(name)
    default = parameter.get("Default", "")
    cells = [
        f"`{name}`",
        f"`{variable}`" if variable in known else "",
        f"`{default}`" if default != "" else "",
        f"{' '.join(parameter['Description'].split())} {values(parameter)}".strip().replace("|", "\\|"),
    ]
    # `*` and `<` mean something in Markdown.
    cells[3] = re.sub(r"(?<!`)([*<])(?!`)", r"\\\1", cells[3])
    return "| " + " | ".join(cells) + " |\n"


def written(template):
    known = {*variables(template), *LOCAL}
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    parameters = dict(template["Parameters"])
    parts = []
    for group in groups:
        rows = "".join(row(name, parameters.pop(name), known) for name in group["Parameters"])
        parts.append(f"## {group['Label']['default']}\n\n{HEADER}{rows}")
    if parameters:
        sys.exit(f"template.yaml: these parameters are in no group: {', '.join(parameters)}")
    return TEXT.read_text().replace("{{parameters}}\n", "\n".join(parts))


def main():
    page = written(parse_yaml_file(str(ROOT / "template.yaml")))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page)
    elif not PAGE.exists() or PAGE.read_text() != page:
        sys.exit("docs/configuration.md is not what template.yaml says: run scripts/configuration")
    print("docs/configuration.md has the parameters of template.yaml")


main()
