"""Reading of profiles, and comparing."""

import json
import unittest

from . import compare, profile

PROFILE = """version: 1
events: Ir
fl=count.rs
fn=counted
30 10
cfn=verify
calls=1 0
0 290
fl=verify.rs
fn=verify
7 40
cfn=aws_lc_0_47_0_EVP_DigestVerify
calls=2 0
8 150
cfn=malloc
calls=1 0
9 100
fl=???
fn=aws_lc_0_47_0_EVP_DigestVerify
0 30
cfn=static_helper
calls=1 0
0 110
cfn=malloc
calls=1 0
0 10
fn=static_helper
0 60
cfn=aws_lc_0_47_0_mul
calls=5 0
0 50
fn=aws_lc_0_47_0_mul
0 50
fn=malloc
0 110
totals: 300
"""


class Profiles(unittest.TestCase):
    def test_the_library_has_what_it_calls_and_no_more(self):
        self.assertEqual(profile.counts(PROFILE), {"own": 150, "aws-lc": 150})

    def test_a_profile_of_nothing_is_an_error(self):
        with self.assertRaises(ValueError):
            profile.counts("totals: 0\n")

    def test_the_library_is_known_by_its_prefix_wherever_it_is(self):
        for name in ("aws_lc_0_47_0_SHA256", "AWS_LC_TRAMPOLINE_aws_lc_0_47_0_SHA256_Update"):
            self.assertEqual(profile.of_library({("ours", name): 1}), {name})
        self.assertEqual(profile.of_library({("ours", "aws_lc_rs::digest::digest"): 1}), set())


class Comparing(unittest.TestCase):
    def found(self, before, now):
        return compare.findings({"parse": {"own": before}}, {"parse": {"own": now}})

    def test_up_to_three_per_cent_is_as_before(self):
        for now in (970, 1000, 1030):
            self.assertEqual(self.found(1000, now), [])

    def test_more_and_fewer_are_found(self):
        self.assertEqual(self.found(1000, 1031), ["parse, own: 1,000 -> 1,031 instructions (+3.1 %)"])
        self.assertEqual(self.found(1000, 969), ["parse, own: 1,000 -> 969 instructions (-3.1 %)"])
        self.assertEqual(self.found(0, 7), ["parse, own: 0 -> 7 instructions (new)"])

    def test_operations_come_and_go_only_with_their_figures(self):
        one = {"own": 1}
        self.assertEqual(compare.findings({}, {"parse": one}), ["parse: not in the figures"])
        self.assertEqual(compare.findings({"parse": one}, {}), ["parse: in the figures, but no such operation"])

    def test_figures_read_back(self):
        counted = {"parse": {"own": 1, "aws-lc": 2}, "decide": {"own": 3, "aws-lc": 0}}
        self.assertEqual(json.loads(compare.as_json(counted)), counted)
