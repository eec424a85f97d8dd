"""Packs a release: ARCHITECTURE=FOLDER..., folders that `sam build` wrote. With --compare, two such folders are compared."""

import argparse
import hashlib
import pathlib
import shutil
import sys
import tempfile

import yaml

from . import FOLDER, ROOT, VERSION, sbom, templates, zips

# What the README of the folder runs: both need nothing but the AWS CLI and curl.
SCRIPTS = ["set-parameters", "smoke"]


def template_of(built):
    return yaml.safe_load((built / "template.yaml").read_text())


def pack_functions(built, folder, architecture):
    """Writes a zip of each function, and returns the names of their binaries."""
    binaries = {templates.binary(each): name for name, each in templates.functions(template_of(built)).items()}
    for binary, name in sorted(binaries.items()):
        zips.pack(built / name / "bootstrap", folder / f"{binary}.zip", architecture)
    return sorted(binaries)


def write(path, template):
    path.write_text(yaml.safe_dump(template, sort_keys=False, width=120))


def release(built, folder=FOLDER):
    shutil.rmtree(folder, ignore_errors=True)
    for architecture, path in built.items():
        binaries = pack_functions(path, folder / architecture, architecture)
    digest = hashlib.sha256("".join(zips.digest(path) for path in sorted(folder.rglob("*.zip"))).encode()).hexdigest()
    prefix, architectures = f"ratchet/{VERSION}-{digest[:12]}", sorted(built)
    template = template_of(next(iter(built.values())))
    write(folder / "template.yaml", templates.for_a_bucket(template, architectures, prefix))
    write(folder / "application.yaml", templates.for_the_repository(template, architectures[0], VERSION))
    page = pathlib.Path(__file__).with_name("readme.md").read_text()
    folders = ", ".join(f"`{each}/`" for each in architectures)
    (folder / "README.md").write_text(page.format(version=VERSION, prefix=prefix, architectures=folders))
    shutil.copy(ROOT / "LICENSE", folder)
    (folder / "scripts").mkdir()
    for name in SCRIPTS:
        shutil.copy(ROOT / "scripts" / name, folder / "scripts")
    (folder / f"ratchet-{VERSION}.cdx.json").write_text(sbom.text(binaries, VERSION))
    (folder / "SHA256SUMS").write_text(zips.sums(folder))
    print(f"release: {len(binaries)} functions for {' and '.join(architectures)} in {folder.name}")


def compare(first, second):
    """Zips of two builds, of the functions that both have, must be the same."""
    with tempfile.TemporaryDirectory() as temporary:
        folders = [pathlib.Path(temporary, str(index)) for index in range(2)]
        for built, folder in zip((first, second), folders):
            for name in sorted(path.parent.name for path in built.glob("*/bootstrap")):
                zips.pack(built / name / "bootstrap", folder / f"{name}.zip")
        again = sorted(path.name for path in folders[1].iterdir())
        other = [name for name in again if zips.digest(folders[0] / name) != zips.digest(folders[1] / name)]
    if other or not again:
        sys.exit(f"release: built twice, these differ: {', '.join(other)}" if again else "release: nothing was built twice")
    print(f"release: built twice, {len(again)} zips are the same, byte for byte: {', '.join(again)}")


def main():
    arguments = argparse.ArgumentParser(prog="scripts/release", description=__doc__)
    arguments.add_argument("built", nargs="*", metavar="ARCHITECTURE=FOLDER")
    arguments.add_argument("--compare", nargs=2, type=pathlib.Path)
    given = arguments.parse_args()
    if given.compare:
        compare(*given.compare)
    else:
        pairs = (each.split("=", 1) for each in given.built)
        release({architecture: pathlib.Path(folder).resolve() for architecture, folder in pairs})


if __name__ == "__main__":
    main()
