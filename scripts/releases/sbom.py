"""The bill of materials of the functions: every crate that is compiled into one of them, with its licence and its checksum."""

import datetime
import json
import pathlib
import subprocess
import tomllib
import uuid

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.validation.json import JsonStrictValidator
from cyclonedx.schema import SchemaVersion
from packageurl import PackageURL

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CARGO = ["cargo", "metadata", "--format-version", "1", "--locked"]


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def checksums():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return {(each["name"], each["version"]): each["checksum"] for each in lock["package"] if "checksum" in each}


class Graph:
    """The crates that the functions are made of, and which of them needs which."""

    def __init__(self, roots):
        metadata = json.loads(run(*CARGO))
        self.packages = {each["id"]: each for each in metadata["packages"]}
        nodes = {each["id"]: each for each in metadata["resolve"]["nodes"]}
        self.roots = [id for id, each in self.packages.items() if each["name"] in roots and id in metadata["workspace_members"]]
        self.needs, open_ = {}, [*self.roots]
        while open_:
            id = open_.pop()
            if id not in self.needs:
                normal = [each["pkg"] for each in nodes[id]["deps"] if any(kind["kind"] is None for kind in each["dep_kinds"])]
                self.needs[id] = normal
                open_ += normal


def component(package, checksum):
    name, version = package["name"], package["version"]
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else []
    # Crates spelt "or" with a slash before expressions of SPDX.
    licence = (package["license"] or "").replace("/", " OR ")
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        bom_ref=f"{name}@{version}",
        purl=PackageURL("cargo", None, name, version),
        hashes=hashes,
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
    )


def text(roots, version):
    """The document, the same for the same commit. `roots` are packages of the workspace, the functions."""
    graph, known = Graph(roots), checksums()
    bom = Bom(version=1)
    whole = Component(type=ComponentType.APPLICATION, name="ratchet", version=version, bom_ref=f"ratchet@{version}")
    bom.metadata.component = whole
    made = {}
    for id in sorted(graph.needs):
        package = graph.packages[id]
        made[id] = component(package, known.get((package["name"], package["version"])))
        bom.components.add(made[id])
    bom.register_dependency(whole, [made[id] for id in graph.roots])
    for id, needed in graph.needs.items():
        bom.register_dependency(made[id], [made[each] for each in needed])
    bom.metadata.timestamp = datetime.datetime.fromtimestamp(int(run("git", "log", "-1", "--format=%ct")), datetime.UTC)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, run("git", "rev-parse", "HEAD").strip())
    document = JsonV1Dot6(bom).output_as_string(indent=2)
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(document):
        raise SystemExit(f"the bill of materials is not CycloneDX 1.6: {wrong}")
    return document + "\n"
