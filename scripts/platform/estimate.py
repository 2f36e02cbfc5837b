#!/usr/bin/env python3
"""Estimate what an environment costs a month: from a plan of Terraform, or for the choices that docs/cost.md compares.

Prices and loads are tables (terraform/cost/*.json), every row with its unit and source. What a plan holds and neither
the prices nor the list of free resources know is named, never silently taken as free.
"""

import argparse
import json
import os
import sys

TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "terraform", "cost")

# Types that AWS bills by nothing, or whose use is counted with something else.
FREE = {
    "aws_acm_certificate", "aws_acm_certificate_validation", "aws_budgets_budget", "aws_default_security_group",
    "aws_ecr_lifecycle_policy", "aws_eks_access_entry", "aws_eks_access_policy_association", "aws_eks_addon",
    "aws_eks_pod_identity_association", "aws_elasticache_parameter_group", "aws_elasticache_subnet_group",
    "aws_elasticache_user", "aws_elasticache_user_group", "aws_flow_log", "aws_iam_openid_connect_provider",
    "aws_iam_policy", "aws_iam_role", "aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_internet_gateway",
    "aws_route", "aws_route53_record", "aws_route_table", "aws_route_table_association", "aws_scheduler_schedule",
    "aws_secretsmanager_secret_version", "aws_security_group", "aws_subnet", "aws_vpc",
    "aws_vpc_security_group_ingress_rule",
}


class Failure(Exception):
    """Something to tell and end with."""


def table(name):
    with open(os.path.join(TABLES, name), encoding="utf-8") as file:
        return json.load(file)


def resources(plan, saved):
    """(type, values) of every managed resource: of what will be there, or with `saved` of what is there now."""
    tree = plan.get("prior_state", {}).get("values") if saved else plan.get("planned_values")
    found = []

    def walk(module):
        for resource in module.get("resources", []):
            if resource.get("mode") == "managed":
                found.append((resource["type"], resource.get("values") or {}))
        for child in module.get("child_modules", []):
            walk(child)

    walk((tree or {}).get("root_module", {}))
    return found


def counts(found, endpoint_zones):
    """Resources → billable quantities, by a name of the price table or of a use; and types that nobody knows."""
    quantities, unknown = {}, set()

    def add(key, amount=1):
        quantities[key] = quantities.get(key, 0) + amount

    for kind, values in found:
        if kind == "aws_eks_cluster":
            add("cluster")
        elif kind == "aws_nat_gateway":
            add("nat")
        elif kind == "aws_eip":
            add("address")
        elif kind == "aws_vpc_endpoint":
            if values.get("vpc_endpoint_type") == "Interface":
                add("endpoint-zone", len(values.get("subnet_ids") or []) or endpoint_zones)
        elif kind == "aws_subnet":
            # A load balancer takes an address in each public subnet.
            if (values.get("tags") or {}).get("kubernetes.io/role/elb"):
                add("public-subnet")
            if values.get("map_public_ip_on_launch"):
                quantities["public-nodes"] = 1
        elif kind == "aws_kms_key":
            add("key")
        elif kind == "aws_route53_zone":
            add("zone")
        elif kind == "aws_secretsmanager_secret":
            add("secret")
        elif kind == "aws_elasticache_serverless_cache":
            add("valkey-serverless")
        elif kind == "aws_elasticache_replication_group":
            add(f"valkey-node {values.get('node_type')}", values.get("num_cache_clusters") or 1)
        elif kind == "aws_msk_serverless_cluster":
            add("kafka")
        elif kind == "aws_cloudwatch_log_group":
            add("log-group")
        elif kind == "aws_ecr_repository":
            add("repository")
        elif kind == "aws_codebuild_project":
            add("codebuild")
        elif kind not in FREE:
            unknown.add(kind)
    return quantities, sorted(unknown)


def bill(quantities, load, prices, hours, node_type="t3a.medium"):
    """Quantities and a load → [(what, dollars a month)], the dearest first. Pure."""
    def price(name):
        if name not in prices:
            raise Failure(f"terraform/cost/prices.json has no row {name}; add it with its unit and source")
        return prices[name]["price"]

    clusters = quantities.get("cluster", 0)
    nodes = load["nodes"] * clusters
    balancers = load["loadBalancers"] * clusters
    addresses = quantities.get("address", 0) + balancers * quantities.get("public-subnet", 0)
    if quantities.get("public-nodes"):
        addresses += nodes
    node_hour = price(f"ec2-{node_type}-hour")
    rows = {
        "Kubernetes control plane": clusters * price("eks-cluster-hour") * hours,
        f"nodes ({nodes:g} × {node_type}, on demand)": nodes * node_hour * hours,
        "Auto Mode's share of the nodes": nodes * node_hour * price("eks-auto-mode-share") * hours,
        "load balancer": balancers * (price("alb-hour") + load["loadBalancerUnits"] * price("alb-capacity-unit-hour")) * hours,
        f"public addresses ({addresses:g})": addresses * price("public-ipv4-hour") * hours,
        "NAT gateways": quantities.get("nat", 0) * price("nat-gateway-hour") * hours
        + (load["natGigabytes"] * price("nat-gateway-gigabyte") if quantities.get("nat") else 0),
        "interface endpoints": quantities.get("endpoint-zone", 0) * price("interface-endpoint-hour") * hours,
        "Valkey, serverless": quantities.get("valkey-serverless", 0) * (
            load["valkeyGigabytes"] * price("valkey-serverless-gigabyte-hour") * hours
            + load["valkeyMillionUnits"] * price("valkey-serverless-million-units")),
        "Kafka": quantities.get("kafka", 0) * price("msk-serverless-cluster-hour") * hours,
        "volumes": clusters * load["volumeGigabytes"] * price("ebs-gp3-gigabyte-month"),
        "encryption keys": quantities.get("key", 0) * price("kms-key-month"),
        "secrets": quantities.get("secret", 0) * price("secret-month"),
        "DNS zones": quantities.get("zone", 0) * price("hosted-zone-month"),
        "logs": (load["logGigabytes"] * price("logs-gigabyte")) if quantities.get("log-group") else 0,
        "images": quantities.get("repository", 0) * load["imageGigabytes"] * price("ecr-gigabyte-month"),
        "work by the clock": quantities.get("codebuild", 0) * load["codebuildMinutes"] * price("codebuild-small-minute"),
        "data between zones": load["zoneCrossingGigabytes"] * price("zone-crossing-gigabyte") if clusters else 0,
        "data to the internet": max(0, load["internetGigabytes"] - 100) * price("internet-out-gigabyte") if clusters else 0,
    }
    for key, amount in quantities.items():
        if key.startswith("valkey-node "):
            node = key.split(" ", 1)[1]
            rows[f"Valkey ({amount} × {node})"] = amount * price(f"{node}-hour") * hours
    return sorted(((what, dollars) for what, dollars in rows.items() if dollars >= 0.005), key=lambda row: -row[1])


def total(rows):
    return sum(dollars for _, dollars in rows)


# What docs/cost.md compares: the default, and each switch by itself.
DEFAULT = {"cluster": 1, "public-subnet": 3, "public-nodes": 1, "key": 1, "secret": 1, "valkey-serverless": 1,
           "log-group": 1, "repository": 5}


def choice(without=(), **more):
    quantities = {key: amount for key, amount in DEFAULT.items() if key not in without}
    quantities.update({key.replace("_", "-"): amount for key, amount in more.items()})
    return quantities


CHOICES = [
    ("the default", "", DEFAULT),
    ("two zones", "`zone_count = 2`", choice(public_subnet=2)),
    ("private nodes behind one NAT gateway", "`nat = \"single\"`", choice(without=["public-nodes"], nat=1, address=1)),
    ("private nodes, a NAT gateway in each zone", "`nat = \"per-zone\"`", choice(without=["public-nodes"], nat=3, address=3)),
    ("endpoints for ECR, STS and logs in one zone", "`interface_endpoints = [\"ecr.api\", \"ecr.dkr\", \"sts\", \"logs\"]`", choice(endpoint_zone=4)),
    ("the same in three zones", "`endpoint_zone_count = 3`", choice(endpoint_zone=12)),
    ("Valkey on two small nodes", "`state = { kind = \"nodes\" }`", {**choice(without=["valkey-serverless"]), "valkey-node cache.t4g.micro": 2}),
    ("no Valkey of AWS", "`state = { kind = \"none\" }`", choice(without=["valkey-serverless", "secret"])),
    ("a domain", "`domain = \"shop.example.com\"`", choice(zone=1)),
    ("Kafka for order events", "`events = true`", choice(kafka=1)),
    ("destroyed or suspended by the clock", "`budget.schedule`", choice(codebuild=1, log_group=2)),
]


def scenarios():
    """The tables of docs/cost.md, as Markdown."""
    book, loads = table("prices.json"), table("loads.json")
    prices, hours = book["prices"], book["hoursPerMonth"]
    bills = {name: bill(DEFAULT, load, prices, hours, loads["nodeType"]) for name, load in loads["loads"].items()}
    lines = [f"List prices of {book['region']} as of {book['asOf']}, {hours} hours a month.", "", "| the default environment, a month | suspended | idle | busy |", "|---|---:|---:|---:|"]
    labels = []
    for rows in bills.values():
        for what, _ in rows:
            label = what.split(" (")[0]
            if label not in labels:
                labels.append(label)
    for label in labels:
        cells = []
        for rows in bills.values():
            dollars = sum(amount for what, amount in rows if what.split(" (")[0] == label)
            cells.append(f"{dollars:.2f}" if dollars else "–")
        lines.append(f"| {label} | {' | '.join(cells)} |")
    lines.append(f"| **together, US dollars** | {' | '.join(f'**{total(rows):.2f}**' for rows in bills.values())} |")
    lines += ["", "| choice | set by | idle | against the default | busy |", "|---|---|---:|---:|---:|"]
    base = total(bills["idle"])
    for name, switch, quantities in CHOICES:
        idle = total(bill(quantities, loads["loads"]["idle"], prices, hours, loads["nodeType"]))
        busy = total(bill(quantities, loads["loads"]["busy"], prices, hours, loads["nodeType"]))
        difference = "" if quantities is DEFAULT else f"{idle - base:+.2f}"
        lines.append(f"| {name} | {switch} | {idle:.2f} | {difference} | {busy:.2f} |")
    lines += ["", f"| price, {book['region']}, {book['asOf']} | US dollars | for each | source |", "|---|---:|---|---|"]
    for name, row in prices.items():
        lines.append(f"| {name} | {row['price']:g} | {row['unit']} | <{row['source']}> |")
    return "\n".join(lines) + "\n"


def estimate(plan, saved):
    """The whole answer for a plan, as data."""
    book, loads = table("prices.json"), table("loads.json")
    zones = ((plan.get("variables") or {}).get("endpoint_zone_count") or {}).get("value") or 1
    quantities, unknown = counts(resources(plan, saved), int(zones))
    result = {"asOf": book["asOf"], "region": book["region"], "quantities": quantities, "notEstimated": unknown, "loads": {}}
    for name, load in loads["loads"].items():
        rows = bill(quantities, load, book["prices"], book["hoursPerMonth"], loads["nodeType"])
        result["loads"][name] = {"means": load["means"], "rows": [{"what": what, "dollars": round(dollars, 2)} for what, dollars in rows],
                                 "total": round(total(rows), 2)}
    return result


def show(result, saved):
    idle = result["loads"]["idle"]
    print(f"\n{'No longer billed' if saved else 'Monthly estimate'}, US dollars, list prices of {result['region']} as of {result['asOf']}:\n")
    for row in idle["rows"]:
        print(f"  {row['dollars']:>9.2f}  {row['what']}")
    print(f"  {idle['total']:>9.2f}  idle: {idle['means']}")
    for name, load in result["loads"].items():
        if name != "idle":
            print(f"  {load['total']:>9.2f}  {name}: {load['means']}")
    if result["notEstimated"]:
        print(f"  not estimated, prices unknown: {', '.join(result['notEstimated'])}")
    print("\n  docs/cost.md says which switch lowers which line.\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plan", help="output of `terraform show -json PLAN`")
    parser.add_argument("--saved", action="store_true", help="estimate what is there now, for a plan that destroys it")
    parser.add_argument("--scenarios", action="store_true", help="print the tables of docs/cost.md")
    parser.add_argument("--output", choices=["table", "json"], default="table")
    options = parser.parse_args()
    try:
        if options.scenarios:
            sys.stdout.write(scenarios())
            return
        if not options.plan:
            raise Failure("give --plan FILE, made by `terraform show -json PLAN`, or --scenarios")
        try:
            with open(options.plan, encoding="utf-8") as file:
                plan = json.load(file)
        except (OSError, ValueError) as error:
            raise Failure(f"{options.plan} is no plan: {error}; make it by `terraform show -json PLAN`") from None
        if "planned_values" not in plan and "prior_state" not in plan:
            raise Failure(f"{options.plan} is JSON but no plan; make it by `terraform show -json PLAN`")
        result = estimate(plan, options.saved)
        if options.output == "json":
            print(json.dumps(result, indent=2))
        else:
            show(result, options.saved)
    except Failure as failure:
        sys.exit(f"estimate: {failure}")


if __name__ == "__main__":
    main()
