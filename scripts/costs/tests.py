"""The arithmetic, against sums done by hand."""

import unittest
from unittest import mock

from . import figures, inputs, model, page, svg, words
from .inputs import MILLION, Work
from .peers import PEERS


class Prices(unittest.TestCase):
    def test_each_tier_takes_its_share(self):
        tiers = ((10, 2.0), (20, 1.0), (inputs.UNLIMITED, 0.5))
        self.assertEqual(model.tiered(0, tiers), 0)
        self.assertEqual(model.tiered(10, tiers), 20)
        self.assertEqual(model.tiered(25, tiers), 20 + 15)
        self.assertEqual(model.tiered(40, tiers), 20 + 20 + 5)

    def test_a_billion_requests_of_a_rest_api(self):
        # 333 at 3.50 and 667 at 2.80 dollars.
        self.assertAlmostEqual(model.price("rest", 1e9), 1165.5 + 1867.6)

    def test_a_billion_requests_of_an_http_api(self):
        self.assertAlmostEqual(model.price("http", 1e9), 300 + 630)

    def test_sixty_terabytes_of_logs(self):
        # AWS's own example: 12,500 instead of 30,000 dollars.
        self.assertAlmostEqual(model.price("logs", 60e12), 5000 + 5000 + 2000 + 500)


class Times(unittest.TestCase):
    def test_a_function_has_a_share_of_a_processor(self):
        self.assertEqual(model.duration_ms(10, 0, 1769), 10)
        self.assertEqual(model.duration_ms(10, 0, 1769 / 2), 20)
        self.assertEqual(model.duration_ms(10, 0, 3538), 10, "one thread uses one processor")

    def test_waits_are_not_shortened_and_milliseconds_are_begun(self):
        with mock.patch.object(inputs, "ROUND_TRIP_MS", 4.0):
            self.assertEqual(model.billed_ms(1, 2, 1769), 9)
            self.assertEqual(model.billed_ms(1.01, 2, 1769), 10)

    def test_environments_serve_one_at_a_time_and_ten_a_second(self):
        self.assertEqual(model.environments(1000, 500), 500)
        self.assertEqual(model.environments(1000, 5), 100)


class Operations(unittest.TestCase):
    def test_every_operation_that_is_measured_is_reckoned(self):
        self.assertEqual(list(inputs.WORK), list(model.MEASURED["operations"]))

    def test_a_million_refreshes(self):
        with mock.patch.multiple(
            inputs, COLD_SHARE=0.0, PLATFORM_LOG=268, GATEWAY_HEADERS=95, ROUND_TRIP_MS=5.0
        ), mock.patch.dict(inputs.WORK, refresh=Work("refresh", 1024, 1024 / 1769, 1, 232, 1405)):
            million = model.per_million("refresh", "rest")
        # 6 ms of 1 GB; 500 bytes of log; 1,500 bytes of answer.
        expected = {
            "gateway": 3.50,
            "Lambda": 0.20 + 0.0800004,
            "DynamoDB": 0.625,
            "logs": 0.25,
            "transfer": 0.135,
            "keys": 0.0,
        }
        for part, dollars in expected.items():
            self.assertAlmostEqual(million[part], dollars, msg=part)

    def test_a_protected_call_pays_the_authorizer_and_not_the_gateway(self):
        million = model.per_million("protected call", "rest")
        self.assertEqual((million["gateway"], million["DynamoDB"], million["transfer"]), (0, 0, 0))
        self.assertGreater(million["Lambda"], 0.20)

    def test_other_work_of_an_operation_costs_what_it_is_billed_more_or_less(self):
        call = Work("authorizer", 1024, 3.5 * 1024 / 1769, 0, 0, 0)
        with mock.patch.dict(inputs.WORK, {"protected call": call}):
            longer, shorter, alike = (
                figures.dearer("protected call", milliseconds * 1024 / 1769) for milliseconds in (5.5, 2.5, 3.2)
            )
        # 4 ms of 1 GB are billed, then 6, 3 and 4.
        self.assertAlmostEqual(longer, 2 * 0.0133334)
        self.assertAlmostEqual(shorter, -0.0133334)
        self.assertEqual(alike, 0)


class Months(unittest.TestCase):
    def test_refreshes_of_a_visit(self):
        # 0.8 x 300 s, and half of the 30 s between calls, are 255 s: one at the start and 3600 / 255 in the hour.
        profile = inputs.Profile("one hour on two days", 2, 60, 1)
        self.assertAlmostEqual(model.refreshes(profile, 300), 2 * (1 + 3600 / 255))

    def test_a_month_is_the_sum_of_its_operations(self):
        profile, users = inputs.Profile("still", 0, 0, 1), 1000
        with mock.patch.multiple(
            inputs, REGISTRATIONS_PER_MONTH=0, WRONG_PASSWORDS_PER_SIGN_IN=0, LOGOUTS_PER_SIGN_IN=0
        ):
            month = model.month(users, profile, 60, "rest")
        login = model.per_million("login", "rest")
        stored = users * model.stored_bytes() / 1e9 * (0.25 + 0.20)
        self.assertAlmostEqual(month["gateway"], login["gateway"] * users / MILLION)
        self.assertAlmostEqual(month["DynamoDB"], login["DynamoDB"] * users / MILLION + stored)
        # One environment at least reads the key set every five minutes, and the secret itself costs 0.40.
        reads = 30 * 288
        self.assertAlmostEqual(month["keys"], login["keys"] * users / MILLION + reads * (0.05 + 0.03) / 1e4 + 0.40)

    def test_break_even_is_where_both_cost_the_same(self):
        hours = model.break_even_hours(0.015, 300, "http")
        hour, rest = model.hour_and_rest(300, "http")
        self.assertAlmostEqual(rest + hours * hour, 0.015)
        self.assertEqual(model.break_even_hours(0.0, 300, "http"), 0)

    def test_fees_of_peers(self):
        lite, essentials, _, auth0, supertokens, supabase = PEERS
        self.assertAlmostEqual(model.peer_month(lite, 10**6), 550 + 4140)
        self.assertAlmostEqual(model.peer_month(essentials, 10**4), 150)
        self.assertAlmostEqual(model.peer_month(auth0, 1000), 70)
        self.assertIsNone(model.peer_month(auth0, 10**6))
        self.assertAlmostEqual(model.peer_month(supertokens, 10**4), 100)
        self.assertAlmostEqual(model.peer_month(supabase, 10**5), 25)
        self.assertAlmostEqual(model.peer_month(supabase, 10**6), 25 + 2925)

    def test_the_busiest_second(self):
        at = model.peak(10**6, inputs.PROFILES[1], 60)
        refreshes = 3 * 10**6 * 20 * (1 + 3600 / 63) * 1.01 / (30 * 86400)
        self.assertAlmostEqual(at["refreshes"], refreshes)
        self.assertEqual(
            model.beyond_defaults({"requests": 10_000, "environments": 1_001, "writes": 50_000}),
            {"environments", "writes"},
        )
        self.assertEqual(figures.doublings(4000), 0)
        self.assertEqual(figures.doublings(32001), 4)


class Pages(unittest.TestCase):
    def test_figures_take_the_place_of_their_names(self):
        self.assertEqual(page.render("a {{x}} and {{y z}}", {"x": "1", "y z": "2"}), "a 1 and 2")

    def test_a_name_without_a_figure_and_a_figure_without_a_place_are_refused(self):
        for figures_of in ({}, {"x": "1", "y": "2"}):
            with self.assertRaises(SystemExit):
                page.render("{{x}}", figures_of)


class Words(unittest.TestCase):
    def test_money_keeps_what_matters(self):
        cases = {
            0: "$0",
            0.00013: "$0.00013",
            0.0046: "$0.0046",
            0.025: "$0.025",
            0.44: "$0.44",
            4.776: "$4.78",
            258940.4: "$259,000",
        }
        self.assertEqual({dollars: words.money(dollars) for dollars in cases}, cases)

    def test_a_chart_is_named_and_escaped(self):
        chart = svg.bars("a < b", "c & d", ["x"], [("row", [1], "1")])
        self.assertIn('<title id="title">a &lt; b</title>', chart)
        self.assertIn('<desc id="description">c &amp; d</desc>', chart)
        self.assertIn("prefers-color-scheme:dark", chart)
