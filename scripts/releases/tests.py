"""Tests of what scripts/release packs."""

import os
import pathlib
import re
import tempfile
import unittest
from unittest import mock

import yaml

from . import __main__ as releases
from . import templates, zips

X86_64, ARM64 = (b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little") + bytes(40) for machine in (62, 183))
FUNCTION = {
    "Type": templates.FUNCTION,
    "Metadata": {"BuildProperties": {"Binary": "login"}},
    "Properties": {"CodeUri": "LoginFunction"},
}
TEMPLATE = {"Description": "A stack.", "Parameters": {"Architecture": {"Type": "String"}}, "Resources": {"LoginFunction": FUNCTION}}


class Packing(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.work = pathlib.Path(temporary.name)

    def built(self, binary):
        (self.work / "build/LoginFunction").mkdir(parents=True)
        (self.work / "build/LoginFunction/bootstrap").write_bytes(binary)
        (self.work / "build/template.yaml").write_text(yaml.safe_dump(TEMPLATE))
        return self.work / "build"

    def released(self):
        folder = self.work / "released"
        # The bill of materials asks Cargo for the crates of real functions.
        with mock.patch.object(releases.sbom, "text", return_value="{}\n"), mock.patch("builtins.print"):
            releases.release({"x86_64": self.built(X86_64)}, folder)
        return folder

    def test_a_binary_for_another_architecture_is_refused(self):
        for binary, found in [(ARM64, "arm64"), (b"#!/bin/sh\n", "no Lambda function")]:
            with self.subTest(found), tempfile.TemporaryDirectory() as folder:
                bootstrap = pathlib.Path(folder, "bootstrap")
                bootstrap.write_bytes(binary)
                with self.assertRaisesRegex(SystemExit, f"is built for {found}, not for x86_64"):
                    zips.pack(bootstrap, pathlib.Path(folder, "login.zip"), "x86_64")
                self.assertFalse(pathlib.Path(folder, "login.zip").exists())

    def test_the_folder_has_the_scripts_that_its_readme_names_and_sums_of_all(self):
        folder = self.released()
        for name in re.findall(r"`(scripts/[a-z-]+)", (folder / "README.md").read_text()):
            self.assertTrue(os.access(folder / name, os.X_OK), name)
        summed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        self.assertEqual(summed | {"SHA256SUMS"}, files)
        self.assertIn("scripts/set-parameters", summed)

    def test_its_readme_deploys_the_zips_of_this_release_also_over_an_older_one(self):
        folder = self.released()
        readme = (folder / "README.md").read_text()
        prefix = yaml.safe_load((folder / "template.yaml").read_text())["Parameters"]["CodePrefix"]["Default"]
        # The AWS CLI keeps the value that the stack has of what is not named.
        self.assertIn(f" CodePrefix={prefix} ", readme)
        self.assertIn(f'"s3://$bucket/{prefix}"', readme)

    def test_its_readme_opens_no_other_origin_and_needs_no_sam(self):
        readme = (self.released() / "README.md").read_text()
        self.assertIn('AllowedOrigin="$origin"', readme)
        for commands in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL):
            self.assertNotRegex(commands, r"^\s*sam |AllowedOrigin='\*'")


if __name__ == "__main__":
    unittest.main()
