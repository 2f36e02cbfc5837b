#!/usr/bin/env python3
"""Replays public traces against every scaling policy, and prints how `adaptive` compares with each of the others.

    TRACES=/path/to/traces Benchmarks/Scaling/run.py [--shopfn .build/release/shopfn] [--only NAME]…

TRACES holds NAME_functions.csv and NAME_invocations.csv for azure8h and azure24h (formats: docs/scaling.md). `adaptive`
is run at several prices of a wait; between two of them its curve is taken to be straight in worker-seconds and in the
logarithm of cold requests, so that it can be compared at exactly another policy's cost or at exactly its waits.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import time

COSTS = [15, 25, 32, 40, 55, 80, 110, 150, 220, 300, 450, 700, 1200, 2000, 4000, 6000, 8000, 12000, 20000]
OTHERS = ["concurrency", "keda", "hybrid", "fixed:idle=10m"]
# Name, set, further options.
RUNS = [
    ("azure8h", "azure8h", []),
    ("azure8h, minutes 0-239 (tuned on)", "azure8h", ["--minutes", "0-240"]),
    ("azure8h, minutes 240-479 (not tuned on)", "azure8h", ["--minutes", "240-480"]),
    ("azure24h (not tuned on)", "azure24h", []),
    ("azure8h, evenly spaced", "azure8h", ["--placement", "uniform"]),
    ("azure8h, without timers", "azure8h", ["--without-trigger", "timer"]),
    ("azure8h, start 0.2 s", "azure8h", ["--start", "0.2s"]),
]


def replay(shopfn, traces, name, options):
    command = [shopfn, "simulate", "--functions", str(traces / f"{name}_functions.csv"),
               "--invocations", str(traces / f"{name}_invocations.csv"), "--output", "json", *options]
    for policy in OTHERS + [f"adaptive:cost={cost}" for cost in COSTS]:
        command += ["--policy", policy]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr)
    return {policy["policy"]: policy for policy in json.loads(run.stdout)["policies"]}


class Curve:
    """adaptive's figures by price, cheapest first."""

    def __init__(self, policies):
        self.points = sorted((policies[f"adaptive:cost={cost}"] for cost in COSTS), key=lambda p: p["workerSeconds"])

    def _between(self, wanted, value):
        for low, high in zip(self.points, self.points[1:]):
            first, last = value(low), value(high)
            if min(first, last) <= wanted <= max(first, last) and first != last:
                part = (wanted - first) / (last - first)
                return {
                    "workerSeconds": low["workerSeconds"] * (1 - part) + high["workerSeconds"] * part,
                    "starts": low["starts"] * (1 - part) + high["starts"] * part,
                    "cold": math.exp(math.log(max(low["cold"], 0.5)) * (1 - part) + math.log(max(high["cold"], 0.5)) * part),
                }
        return None

    def at_seconds(self, seconds):
        return self._between(seconds, lambda point: point["workerSeconds"])

    def at_cold(self, cold):
        return self._between(math.log(max(cold, 0.5)), lambda point: math.log(max(point["cold"], 0.5)))


def fewer(mine, other):
    return f"{100 * (1 - mine / other):.1f} % fewer" if other else "-"


def report(title, policies, seconds):
    print(f"\n## {title}\n\n| policy | cold | cold % | by function % | worker-seconds | × oracle | starts |")
    print("|---|---|---|---|---|---|---|")
    oracle = policies["oracle"]["workerSeconds"]
    for name, policy in policies.items():
        print(f"| {name} | {policy['cold']:,} | {policy['coldPercent']:.3f} | {policy['coldPercentOverFunctions']:.1f} | "
              f"{policy['workerSeconds']:,.0f} | {policy['workerSeconds'] / oracle:.2f} | {policy['starts']:,} |")
    curve = Curve(policies)
    print("\n| against | cold requests at its worker-seconds | worker-seconds at its cold requests | starts at its worker-seconds |")
    print("|---|---|---|---|")
    for name in OTHERS + ["always-on"]:
        other = policies[name]
        same_seconds, same_cold = curve.at_seconds(other["workerSeconds"]), curve.at_cold(other["cold"])
        print(f"| {name} | {fewer(same_seconds['cold'], other['cold']) if same_seconds else '-'} | "
              f"{fewer(same_cold['workerSeconds'], other['workerSeconds']) if same_cold else '-'} | "
              + (f"× {same_seconds['starts'] / other['starts']:.2f}" if same_seconds and other["starts"] else "-") + " |")
    few = curve.at_cold(0.002 * policies["oracle"]["requests"])
    if few:
        print(f"\nAt 0.2 % cold: {few['workerSeconds'] / oracle:.2f} × the oracle's worker-seconds.")
    replayed = policies["oracle"]["requests"] * len(policies)
    print(f"\n{replayed / seconds / 1e6:.2f} M requests a second, over all policies and processors.", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shopfn", default=".build/release/shopfn")
    parser.add_argument("--only", action="append", help="run only those whose title contains this; may be repeated")
    arguments = parser.parse_args()
    folder = os.environ.get("TRACES")
    if not folder:
        sys.exit("TRACES is not set; set it to the folder that holds azure8h_functions.csv and the others")
    for title, name, options in RUNS:
        if arguments.only and not any(part in title for part in arguments.only):
            continue
        begin = time.monotonic()
        policies = replay(arguments.shopfn, pathlib.Path(folder), name, options)
        report(title, policies, time.monotonic() - begin)


if __name__ == "__main__":
    main()
