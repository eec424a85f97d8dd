"""Tests of the writer of docs/rotation.md."""

import unittest

from . import chart, words


class Words(unittest.TestCase):
    def test_times_are_in_the_unit_that_a_reader_would_choose(self):
        times = [words.time(seconds) for seconds in (None, 0, 119, 120, 7199, 7200, 34200)]
        self.assertEqual(times, ["never", "0 s", "119 s", "2 min", "120 min", "2.0 h", "9.5 h"])

    def test_a_thief_who_got_nothing_is_refused_and_one_who_did_is_never_noticed(self):
        figures = {"noticed": 0, "median": None, "percentile_95": None, "answers": 0}
        self.assertEqual(words.thief(figures, 10), "refused")
        self.assertEqual(words.thief(figures | {"answers": 1}, 10), "**never** (1)")
        some = {"noticed": 9, "median": 31, "percentile_95": None, "answers": 1}
        self.assertEqual(words.thief(some, 10), "31 s / never (90 %)")


class Chart(unittest.TestCase):
    def test_more_sign_outs_are_higher_and_later_is_further_right(self):
        heights = [chart.y_of(value) for value in (0, 1, 10, 1000)]
        self.assertEqual(heights, sorted(heights, reverse=True))
        places = [chart.x_of(value) for value in (0, 20, 600, 30000, 90000, None)]
        self.assertEqual(places, sorted(places))

    def test_rules_with_the_same_point_share_it(self):
        thief = {"thief": chart.THIEF, "median": 27, "percentile_95": 46}
        rules = [{"rule": name, "sign_outs": 5, "thieves": [thief]} for name in ("Auth0, leeway 0 s", "Ory Hydra, 0 s")]
        self.assertEqual(chart.points({"rules": rules}), [(["Auth0", "Hydra"], 5, 27, 46)])

    def test_a_label_goes_where_nothing_else_is(self):
        _, free, box = chart.place(200, 100, ["Auth0"], [])
        self.assertGreater(free, 100)
        left, moved, other = chart.place(200, 100, ["Auth0"], [box])
        self.assertLess(moved, 100)
        self.assertGreater(left, 200)
        left, _, last = chart.place(200, 100, ["Auth0"], [box, other])
        self.assertLess(left, 200)
        self.assertFalse(chart.overlap(last, box) or chart.overlap(last, other))
