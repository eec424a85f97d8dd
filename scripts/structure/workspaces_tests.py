"""That scripts/check-workspaces finds what it is for."""

import unittest

from . import workspaces


class Overrides(unittest.TestCase):
    known = {("serde", "1.0.2"), ("serde_json", "1.0.9")}

    def found(self, manifest):
        return list(workspaces.overrides("Cargo.toml", manifest, self.known))

    def test_an_override_that_matches_no_package_is_found(self):
        manifest = {"workspace": {}, "profile": {"release": {"package": {"serde": {}, "serde-json": {}}}}}
        self.assertEqual(len(self.found(manifest)), 1)
        self.assertIn("serde-json", self.found(manifest)[0])

    def test_an_override_may_name_a_version_or_all_packages(self):
        manifest = {"workspace": {}, "profile": {"dev": {"package": {"*": {}, "serde@1.0.2": {}, "serde@1": {}}}}}
        self.assertEqual(self.found(manifest), [])
        manifest["profile"]["dev"]["package"]["serde@2"] = {}
        self.assertEqual(len(self.found(manifest)), 1)

    def test_a_profile_of_a_member_is_found(self):
        self.assertEqual(len(self.found({"package": {}, "profile": {"dev": {"debug": 0}}})), 1)
        self.assertEqual(self.found({"package": {}}), [])


class Steps(unittest.TestCase):
    def found(self, main, other):
        return list(workspaces.steps("bench/Cargo.toml", main, other))

    def test_another_version_is_found(self):
        self.assertEqual(len(self.found({"rand": {"0.10.1"}}, {"rand": {"0.10.2"}})), 1)
        self.assertEqual(len(self.found({"tokio": {"1.54.0"}}, {"tokio": {"1.55.0"}})), 1)

    def test_a_version_that_is_not_compatible_stands_beside(self):
        self.assertEqual(self.found({"rand": {"0.10.1"}}, {"rand": {"0.9.5", "0.10.1"}, "nom": {"7.1.3"}}), [])
        self.assertEqual(self.found({"wasi": {"0.11.1+a.b"}}, {"wasi": {"0.11.1+a.b"}}), [])


class Copies(unittest.TestCase):
    root = {
        "workspace": {"package": {"edition": "2024"}, "dependencies": {"aws": {"path": "aws"}, "http": "1.5", "time": "0.3"}},
        "profile": {"release": {"lto": "fat"}, "dev": {"debug": 1, "package": {"zxcvbn": {"opt-level": 3}}}},
    }

    def found(self, copy):
        return list(workspaces.copies("bench/Cargo.toml", self.root, copy))

    def test_a_copy_may_lack_dependencies_and_have_its_own(self):
        dependencies = {"aws": {"path": "../aws"}, "http": "1.5", "rcgen": "0.14"}
        copy = {"workspace": {"package": {"edition": "2024"}, "dependencies": dependencies}, "profile": {"release": {"lto": "fat"}}}
        self.assertEqual(self.found(copy), [])

    def test_what_differs_is_found(self):
        dependencies = {"http": "1.4"}
        dev = {"package": {"zxcvbn": {"opt-level": 2}}}
        copy = {"workspace": {"package": {}, "dependencies": dependencies}, "profile": {"release": {}, "dev": dev}}
        self.assertEqual(len(self.found(copy)), 4)


class RawEvents(unittest.TestCase):
    def found(self, built):
        return list(workspaces.raw_events("functions/authorizer/Cargo.toml", built))

    def test_raw_value_without_lambda_http_is_found(self):
        self.assertEqual(len(self.found({"serde_json": {"default", "raw_value"}})), 1)

    def test_raw_value_with_lambda_http_or_none_is_right(self):
        self.assertEqual(self.found({"serde_json": {"default", "raw_value"}, "lambda_http": set()}), [])
        self.assertEqual(self.found({"serde_json": {"default"}}), [])


class CompiledAgain(unittest.TestCase):
    lines = [(0, "login v0.1.0", ""), (1, "sdk v1.2.0", "rt"), (2, "bytes v1.0.0", "serde"), (3, "serde v1.0.0", ""), (1, "rand v0.10.0", "std")]

    def test_only_what_is_below_the_sdk_counts(self):
        again = [*self.lines, (1, "log v0.4.0", ""), (2, "sdk v1.2.0", "rt")]
        expected = {"sdk v1.2.0": "rt", "bytes v1.0.0": "serde", "serde v1.0.0": ""}
        self.assertEqual(workspaces.below("sdk", again), expected)
        self.assertEqual(workspaces.below("sdk", self.lines[4:]), {})

    def test_a_package_with_other_features_in_one_function_is_found(self):
        built = {"login": {"bytes v1.0.0": "serde", "url v2.5.0": "std"}, "mailer": {"bytes v1.0.0": "", "url v2.5.0": "std"}}
        (found,) = workspaces.compiled_again(built)
        self.assertIn("bytes v1.0.0", found)
        self.assertIn("mailer: none", found)

    def test_functions_that_build_the_same_or_nothing_of_it_are_right(self):
        built = {"login": {"bytes v1.0.0": "serde"}, "refresh": {"bytes v1.0.0": "serde"}, "authorizer": {}}
        self.assertEqual(list(workspaces.compiled_again(built)), [])


if __name__ == "__main__":
    unittest.main()
