"""The writer, against figures made up by hand."""

import pathlib
import tempfile
import unittest

from costs import svg

from . import charts, machine, packages, page, suites, tables, words


def program(name, cold, paced):
    return {"name": name, "cold_ms": cold, "warm_ms": 0.0, "paced_ms": paced, "peak_bytes": 5 * 1024**2}


def budget(promise, bound, measured, at_least=False, unit="x"):
    holds = measured >= bound if at_least else measured <= bound
    return {
        "promise": promise, "bound": bound, "at_least": at_least, "unit": unit, "measured": measured, "holds": holds
    }


RUN = {
    "date": "2026-11-02",
    "busy_percent": 1,
    "machine": {"processor": "P", "architecture": "x86_64", "cores": 2, "memory_gib": 4.0, "kernel": "6"},
    "versions": {"rustc": "1.2.3"},
}
MEASURED = {
    "suite": "authorizer",
    "programs": [program("Ratchet", 2.0, 0.25), program("peer", 100.0, 1.0)],
    "budgets": [
        budget("cold: a to ours", 40.0, 50.0, at_least=True),
        budget("cold: b to ours", 40.0, 39.9, at_least=True),
        budget("memory", 6.0, 5.25, unit="MiB"),
    ],
    "rounds": 30,
    "events": 1000,
    "run": RUN,
}


class Words(unittest.TestCase):
    def test_three_digits_are_enough(self):
        cases = {
            0: "0", 0.0841: "0.0841", 0.25: "0.250", 1.2345: "1.23", 53.26: "53.3", 112.4: "112", 123456: "123,000"
        }
        self.assertEqual({value: words.number(value) for value in cases}, cases)

    def test_a_bound_is_written_as_it_was_promised(self):
        self.assertEqual(words.bound(budget("", 1.25, 1.0)), "at most 1.25 x")
        self.assertEqual(words.bound(budget("", 40.0, 1.0, at_least=True)), "at least 40 x")
        self.assertEqual(words.bound(budget("", 1.0, 1.0, unit="")), "at most 1")

    def test_a_day(self):
        self.assertEqual(words.day("2026-11-02"), "2 November 2026")


class Tables(unittest.TestCase):
    def test_what_falls_short_is_said_with_its_remark(self):
        table = tables.budgets(MEASURED, {("authorizer", "cold: b to ours"): "Because."})
        self.assertIn("| cold: a to ours | at least 40 x | 50.0 x | holds |", table)
        self.assertIn("| cold: b to ours | at least 40 x | 39.9 x | **falls short** (1) |", table)
        self.assertTrue(table.endswith("1. *cold: b to ours.* Because."))

    def test_ratios_are_to_the_first_program_and_empty_columns_are_left_out(self):
        lines = tables.programs(MEASURED).splitlines()
        self.assertEqual(lines[0], "| program | cold, ms | x ours | paced, ms | x ours | memory, MiB |")
        self.assertEqual(lines[3], "| peer | 100 | 50.0 | 1.00 | 4.00 | 5.00 |")

    def test_promises_that_differ_in_the_peer_are_one_row_and_hold_together(self):
        rows = tables.summary({"authorizer": MEASURED}).splitlines()[2:]
        self.assertEqual(
            rows,
            [
                "| The authorizer: cold: every peer to ours | at least 40 x | 39.9 to 50.0 x | **falls short** |",
                "| The authorizer: memory | at most 6 MiB | 5.25 MiB | holds |",
            ],
        )

    def test_the_front_page_compares_with_the_usual_choice_alone(self):
        peer = program("Node.js, aws-jwt-verify, bundled", 50.0, 1.0)
        other = MEASURED | {"programs": [program("Ratchet", 2.0, 0.25), program("peer", 100.0, 1.0), peer]}
        rows = tables.front({"authorizer": other}).splitlines()[2:]
        self.assertEqual(
            rows,
            [
                "| Authorizer, cold start | 2.00 ms | 50.0 ms (Node.js, aws-jwt-verify, bundled) | 25.0 x |",
                "| Authorizer, memory | 5.00 MiB | 5.00 MiB (Node.js, aws-jwt-verify, bundled) | 1.00 x |",
            ],
        )
        self.assertEqual(tables.front({"authorizer": MEASURED}), "Nothing has been measured yet.")

    def test_a_table_without_rows_is_none(self):
        self.assertEqual(tables.summary({}), "Nothing has been measured yet.")

    def test_the_same_promise_with_another_bound_is_another_row(self):
        grouped = tables.grouped([budget("zipped: a", 1.7, 1.6), budget("zipped: b", 4.2, 4.1)])
        self.assertEqual(list(grouped), ["zipped: a", "zipped: b"])
        flat = [budget(f"flat: {name}", 1.2, 1.1) for name in ("a to ours", "b", "c")]
        self.assertEqual(list(tables.grouped(flat[:2])), ["flat: a to ours and b"])
        self.assertEqual(list(tables.grouped(flat)), ["flat: each of 3"])

    def test_runs_of_one_machine_stand_together(self):
        other = MEASURED | {"run": RUN | {"versions": {"rustc": "9.9.9"}}}
        text = tables.runs({"authorizer": MEASURED, "refresh": MEASURED, "growth": other})
        self.assertEqual(text.count("- P, 2 cores (x86_64), 4.0 GiB, Linux 6"), 2)
        self.assertIn("| A refresh | 2 November 2026 | 1 % | 30 | 1000 |", text)


class Charts(unittest.TestCase):
    def test_each_power_of_ten_is_as_wide_as_the_next(self):
        ticks = [(1.0, "1"), (10.0, "10"), (100.0, "100")]
        chart = svg.logarithmic_bars("t", "d", ticks, ["group", ("ten", 10.0, "10", 0), ("all", 100.0, "100", 1)])
        whole = svg.WIDTH - svg.LEFT - svg.RIGHT
        self.assertIn(f'width="{whole / 2:.1f}" height="18"', chart)
        self.assertIn(f'width="{whole:.1f}" height="18"', chart)

    def test_an_axis_begins_below_the_least_value(self):
        self.assertEqual(charts.powers([0.25, 40]), [(0.1, "0.1"), (1.0, "1"), (10.0, "10"), (100.0, "100")])
        self.assertEqual(charts.powers([1.0, 1.0])[0][0], 0.1)
        self.assertEqual(len(charts.powers([3.0, 3.0])), 2, "an axis has a length")

    def test_a_suite_has_bars_and_a_chart_for_each_thing_that_is_varied(self):
        points = [[1000, 2.0], [1000000, 2.1]]
        names = ("refresh, by rows", "sign-in, by rows", "refresh, by keys")
        series = [{"name": name, "unit": "ms", "points": points} for name in names]
        drawn = charts.files({"authorizer": MEASURED, "growth": {"suite": "growth", "series": series}})
        folder = suites.FOLDER
        self.assertEqual(
            list(drawn),
            [f"{folder}/authorizer.svg", f"{folder}/growth-curves.svg", f"{folder}/growth-curves-2.svg"],
        )
        self.assertIn(">sign-in</text>", drawn[f"{folder}/growth-curves.svg"])
        self.assertIn("refresh: 1,000: 2.00, 1,000,000: 2.10.", drawn[f"{folder}/growth-curves-2.svg"])


class Pages(unittest.TestCase):
    def test_remarks_belong_to_a_suite_and_a_budget_that_are_there(self):
        found = {"authorizer": MEASURED}
        text = "intro\n\n## authorizer\n\nAll.\n\n### memory\n\nLittle.\n\n## refresh\n\n### of another run\n\nx\n"
        self.assertEqual(
            page.remarks_of(text, found),
            {
                ("authorizer", None): "All.",
                ("authorizer", "memory"): "Little.",
                ("refresh", None): "",
                ("refresh", "of another run"): "x",
            },
        )
        for wrong in ("## nothing\n", "## authorizer\n\n### no such promise\n\nx\n"):
            with self.assertRaises(SystemExit):
                page.remarks_of(wrong, found)

    def test_a_section_shows_what_there_is(self):
        drawn = charts.files({"authorizer": MEASURED})
        text = page.section(MEASURED, {("authorizer", None): "All."}, drawn)
        self.assertTrue(text.startswith("## The authorizer\n\nAll.\n\n| "))
        self.assertTrue(text.endswith("![The authorizer](authorizer.svg)"))

    def test_only_the_table_of_the_readme_changes(self):
        text = f"a\n{page.START}old\n{page.END}b\n"
        self.assertEqual(page.between(text, "new"), f"a\n{page.START}new\n{page.END}b\n")
        with self.assertRaises(SystemExit):
            page.between("a\nb\n", "new")


class Sources(unittest.TestCase):
    def test_a_processor_is_named_with_what_makes_it_hash_faster(self):
        info = "processor\t: 0\nmodel name\t: P  9\nflags\t\t: fpu avx2{}\n\n"
        self.assertEqual(machine.processor(info.format("")), "P 9")
        self.assertEqual(machine.processor(info.format(" avx512f sha_ni")), "P 9 with AVX-512")
        self.assertEqual(machine.processor(""), "unknown")

    def test_versions_are_those_of_the_lock_files(self):
        self.assertIn("lambda_runtime", machine.crates())
        self.assertIn("aws-jwt-verify", machine.node_packages())
        self.assertIn("aws-lambda-ric", machine.node_packages())
        self.assertNotIn("esbuild", machine.node_packages())
        self.assertIn("pyjwt", machine.python_packages())
        self.assertIn("awslambdaric", machine.python_packages())

    def test_a_package_is_deflated(self):
        with tempfile.TemporaryDirectory() as folder:
            binary = pathlib.Path(folder) / "f"
            binary.write_bytes(b"x" * 100_000)
            self.assertLess(packages.function(binary), 1000)

    def test_sizes_are_held_against_their_budgets_in_millions_of_bytes(self):
        sizes = [{"name": name, "zipped_bytes": 1_700_000} for name in packages.BUDGETS]
        first, *others = packages.budgets(sizes)
        self.assertEqual((first["measured"], first["holds"]), (1.7, True))
        sizes[0]["zipped_bytes"] = 1_700_001
        self.assertFalse(packages.budgets(sizes)[0]["holds"])
