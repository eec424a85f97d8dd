"""That scripts/check-structure finds what it is for, and nothing else."""

import pathlib
import tempfile
import unittest

from . import check, cycles, repeats, source

RUN = """
    let mut sum = 0;
    for (place, number) in numbers.iter().enumerate() {
        if place % 2 == 0 {
            sum += number * 3;
        } else {
            sum -= number / 2;
        }
    }
    Some(sum).filter(|sum| *sum > limit)
"""


class Folder(unittest.TestCase):
    """A folder with files of a test's choice."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)

    def write(self, **files):
        """`a__b` stands for src/a/b.rs of the package."""
        for name, text in files.items():
            path = self.root / "package/src" / f"{name.replace('__', '/')}.rs"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


class Cycles(Folder):
    def found(self, **files):
        self.write(**files)
        return list(cycles.problems(self.root / "package", self.root))

    def test_two_siblings_that_name_each_other_are_a_cycle(self):
        found = self.found(lib="mod a;\nmod b;", a="use crate::b::B;\npub struct A;", b="fn b(a: super::a::A) {}\npub struct B;")
        self.assertEqual(found, [
            "package: a names b, in a cycle: package/src/a.rs:1 crate::b::B",
            "package: b names a, in a cycle: package/src/b.rs:1 super::a::A",
        ])

    def test_a_circle_of_three_is_a_cycle_and_who_only_looks_on_is_not_named(self):
        found = self.found(lib="mod a; mod b; mod c; mod d;", a="use crate::b;", b="use crate::{c::C, d};", c="use crate::a;", d="")
        self.assertEqual([line.split(",")[0] for line in found], ["package: a names b", "package: b names c", "package: c names a"])

    def test_a_child_may_name_its_parents_items(self):
        self.assertEqual(self.found(lib="mod a;\npub struct B;", a="use super::B;\nmod c;", a__c="use crate::B; use super::super::a;"), [])

    def test_modules_below_siblings_count_as_they_do(self):
        found = self.found(lib="mod a; mod b;", a="pub mod deep;", a__deep="use crate::b::B;", b="use super::a::deep::D;")
        self.assertEqual(len(found), 2)

    def test_what_a_parent_passes_on_is_its_origins(self):
        found = self.found(lib="mod a; mod b;\npub use a::A;", a="use crate::b::B;", b="use crate::A;\npub struct B;")
        self.assertEqual(len(found), 2)

    def test_a_path_in_a_macro_counts_and_one_in_a_text_or_a_comment_does_not(self):
        files = {"lib": "mod a; mod b;", "a": "use crate::b::B;"}
        self.assertEqual(self.found(**files, b='// crate::a::A\nfn b() { f("crate::a::A") }'), [])
        self.assertEqual(len(self.found(**files, b="fn b() { assert!(matches!(x, crate::a::A)) }")), 2)

    def test_tests_and_other_crates_do_not_count(self):
        tests = "#[cfg(test)]\nmod tests { use crate::a::A; }\n#[cfg(test)]\nuse crate::a;\nuse tracing::a;"
        self.assertEqual(self.found(lib="mod a; mod b;", a="use crate::b::B;", b=tests), [])

    def test_lists_and_other_names_of_imports_are_read(self):
        found = self.found(lib="mod a; mod b; mod c;", a="use crate::{c, b::{self as x, C as D}};\nfn a(d: D) {}", b="use super::a::*;", c="")
        self.assertEqual(len(found), 2)


class Repeats(Folder):
    def found(self, **files):
        self.write(**files)
        return list(repeats.problems(self.root, ["package"]))

    def test_a_run_that_stands_twice_is_found_where_it_stands(self):
        imports = "use std::fmt;\nuse std::io;\n"
        found = self.found(a=f"{imports}fn a(numbers: &[i32], limit: i32) -> Option<i32> {{{RUN}}}\n", b=f"fn b() {{{RUN}}}\n")
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], r"^package/src/a.rs:3-1\d and package/src/b.rs:1-1\d$")

    def test_a_run_in_imports_or_tests_is_no_repetition(self):
        listed = "".join(f"    Name{number}, Other{number}, Third{number},\n" for number in range(12))
        test = f"#[cfg(test)]\nmod tests {{\n    fn test() {{{RUN}    }}\n}}\n"
        both = f"use x::{{\n{listed}}};\n{test}"
        self.assertEqual(self.found(a=both, b=both, a__tests=test * 2, c=f"fn c() {{{RUN}}}\n"), [])

    def test_a_short_run_is_no_repetition(self):
        short = "fn short(left: u32, right: u32) -> u32 {\n    left + right\n}\n"
        self.assertEqual(self.found(a=short + RUN, b=short), [])


class Mains(Folder):
    def test_a_long_main_is_found(self):
        for name, lines in (("short", 10), ("long", 11)):
            path = self.root / f"functions/{name}/src/main.rs"
            path.parent.mkdir(parents=True)
            path.write_text("//\n" * lines)
        self.assertEqual(list(check.long_mains(self.root)), ["functions/long/src/main.rs has 11 lines, more than 10"])


class Source(unittest.TestCase):
    def test_paths_are_told_apart(self):
        found = [path for path, _ in source.paths(source.read("fn f() -> a::B<c::D> { e::f::<g::H>(i, j::K) }"))]
        self.assertEqual(found, [("a", "B"), ("c", "D"), ("e", "f"), ("g", "H"), ("j", "K")])
