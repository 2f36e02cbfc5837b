"""The estimate: sums checked by hand, and the document against the tables it is made from."""

import json
import unittest

from support import PlatformTest, ROOT, SCRIPTS, run
import estimate  # found through support

LOAD = {"nodes": 2, "loadBalancers": 1, "loadBalancerUnits": 0, "volumeGigabytes": 0, "internetGigabytes": 0, "natGigabytes": 0,
        "zoneCrossingGigabytes": 0, "valkeyGigabytes": 0.1, "valkeyMillionUnits": 0, "logGigabytes": 0, "imageGigabytes": 0, "codebuildMinutes": 0}


def resource(kind, **values):
    return {"mode": "managed", "type": kind, "values": values}


def plan(*found, **more):
    return {"planned_values": {"root_module": {"child_modules": [{"resources": list(found)}]}}, **more}


class Sums(unittest.TestCase):
    def setUp(self):
        self.prices = estimate.table("prices.json")["prices"]

    def bill(self, quantities, **load):
        return dict(estimate.bill(quantities, {**LOAD, **load}, self.prices, 730))

    def test_a_cluster_alone(self):
        rows = self.bill({"cluster": 1, "public-subnet": 3, "public-nodes": 1})
        self.assertAlmostEqual(rows["Kubernetes control plane"], 73.0)
        self.assertAlmostEqual(rows["nodes (2 × t3a.medium, on demand)"], 2 * 0.0376 * 730)
        self.assertAlmostEqual(rows["Auto Mode's share of the nodes"], 2 * 0.0376 * 730 * 0.12)
        self.assertAlmostEqual(rows["load balancer"], 0.0225 * 730)
        self.assertAlmostEqual(rows["public addresses (5)"], 5 * 0.005 * 730)
        self.assertEqual(len(rows), 5)

    def test_no_cluster_no_nodes_no_load_balancer(self):
        self.assertEqual(self.bill({"key": 1}, internetGigabytes=5000), {"encryption keys": 1.0})

    def test_private_nodes_pay_for_nat_instead_of_addresses(self):
        rows = self.bill({"cluster": 1, "public-subnet": 3, "nat": 1, "address": 1}, natGigabytes=10)
        self.assertAlmostEqual(rows["public addresses (4)"], 4 * 0.005 * 730)
        self.assertAlmostEqual(rows["NAT gateways"], 0.045 * 730 + 0.45)

    def test_a_node_type_without_a_price_is_an_error(self):
        with self.assertRaisesRegex(estimate.Failure, "cache.r7g.large-hour"):
            self.bill({"valkey-node cache.r7g.large": 2})

    def test_what_crosses_a_zone_is_billed_on_both_sides(self):
        self.assertAlmostEqual(self.bill({"cluster": 1}, zoneCrossingGigabytes=100)["data between zones"], 2.0)

    def test_the_first_hundred_gigabytes_are_free(self):
        self.assertNotIn("data to the internet", self.bill({"cluster": 1}, internetGigabytes=100))
        self.assertAlmostEqual(self.bill({"cluster": 1}, internetGigabytes=101)["data to the internet"], 0.09)


class Plans(unittest.TestCase):
    def test_counts_what_a_plan_holds(self):
        found = estimate.resources(plan(
            resource("aws_eks_cluster"), resource("aws_vpc_endpoint", vpc_endpoint_type="Gateway"),
            resource("aws_vpc_endpoint", vpc_endpoint_type="Interface", subnet_ids=["a", "b"]),
            resource("aws_vpc_endpoint", vpc_endpoint_type="Interface"),
            resource("aws_subnet", tags={"kubernetes.io/role/elb": "1"}, map_public_ip_on_launch=True),
            resource("aws_elasticache_replication_group", node_type="cache.t4g.small", num_cache_clusters=3),
            {"mode": "data", "type": "aws_region", "values": {}}), saved=False)
        quantities, unknown = estimate.counts(found, endpoint_zones=3)
        self.assertEqual(quantities, {"cluster": 1, "endpoint-zone": 5, "public-subnet": 1, "public-nodes": 1, "valkey-node cache.t4g.small": 3})
        self.assertEqual(unknown, [])

    def test_a_type_nobody_knows_is_named_not_taken_as_free(self):
        result = estimate.estimate(plan(resource("aws_db_instance"), resource("aws_vpc")), saved=False)
        self.assertEqual(result["notEstimated"], ["aws_db_instance"])

    def test_a_destroy_counts_what_is_there_now(self):
        document = {"planned_values": {"root_module": {}}, "prior_state": {"values": {"root_module": {"resources": [resource("aws_kms_key")]}}}}
        self.assertEqual(estimate.estimate(document, saved=True)["loads"]["idle"]["total"], 1.0)
        self.assertEqual(estimate.estimate(document, saved=False)["loads"]["idle"]["total"], 0)


class Program(PlatformTest):
    def test_the_document_shows_what_the_tables_say(self):
        made = self.succeeds(run(SCRIPTS / "estimate.py", "--scenarios")).stdout
        document = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
        begin, end = "<!-- estimate: begin -->\n", "<!-- estimate: end -->"
        self.assertIn(begin, document)
        shown = document.split(begin, 1)[1].split(end, 1)[0]
        self.assertEqual(shown.strip(), made.strip(), "run: make cost-docs")

    def test_every_price_has_a_unit_and_a_source(self):
        for name, row in estimate.table("prices.json")["prices"].items():
            self.assertGreater(row["price"], 0, name)
            self.assertTrue(row["unit"] and row["source"].startswith("https://aws.amazon.com/"), name)

    def test_the_loads_follow_from_what_they_say(self):
        busy = estimate.table("loads.json")["loads"]["busy"]
        requests = 100 * 730 * 3600
        self.assertAlmostEqual(busy["internetGigabytes"], requests * 4e3 / 1e9, delta=10)
        self.assertAlmostEqual(busy["zoneCrossingGigabytes"], requests * 9.5e3 * 2 / 3 / 1e9, delta=10)
        self.assertAlmostEqual(busy["valkeyMillionUnits"], requests * 3 / 1e6, delta=5)
        # A capacity unit of the load balancer is one gigabyte an hour: answers, and requests a quarter as large.
        self.assertAlmostEqual(busy["loadBalancerUnits"], requests * 5e3 / 730 / 1e9, delta=0.1)

    def test_the_tables_add_up(self):
        """Each sum of the document against the rows above it, as a reader would add them."""
        document = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
        rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in document.split("| the default environment")[1].splitlines()[2:]]
        rows = rows[:next(index for index, row in enumerate(rows) if len(row) < 4)]
        self.assertEqual(rows[-1][0], "together, US dollars")
        for column in (1, 2, 3):
            parts = sum(float(row[column]) for row in rows[:-1] if row[column] != "–")
            self.assertAlmostEqual(parts, float(rows[-1][column]), delta=0.005 * len(rows))

    def test_bad_input_is_told(self):
        self.fails(run(SCRIPTS / "estimate.py"), "--plan FILE")
        self.fails(run(SCRIPTS / "estimate.py", "--plan", self.folder / "missing"), "terraform show -json")
        path = self.folder / "other.json"
        path.write_text(json.dumps({"a": 1}), encoding="utf-8")
        self.fails(run(SCRIPTS / "estimate.py", "--plan", path), "no plan")


if __name__ == "__main__":
    unittest.main()
