"""What scripts/release packs: zips, templates and a bill of materials."""

import pathlib
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
# Here wherever Cargo builds: the workflow and scripts/deployed look for it.
FOLDER = ROOT / f"target/ratchet-{VERSION}"
