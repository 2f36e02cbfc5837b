#!/usr/bin/env python3
"""Measures the shop's mix on a warm system, beside a hello function in the same gateway.

Usage: run.py [--rounds N] [--seconds S] [--connections C]
Needs wrk, a Valkey server on PATH, and the package built in release configuration (SHOPFN_BIN names another folder).
Latencies are those the gateway measures, from a request's arrival to its response's end, bucket by bucket.
"""
import argparse, os, re, socket, statistics, subprocess, sys, tempfile, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BIN = os.environ.get("SHOPFN_BIN", os.path.join(ROOT, ".build", "release"))
HELLO = """
  hello:
    module: probe
    handler: Hello
    route: GET /hello
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=30) as response:
        return response.read().decode()


def command(valkey, *words):
    text = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in (str(w).encode() for w in words))
    valkey.sendall(text)
    return valkey.recv(65536)


def histogram(metrics):
    found = {}
    for line in metrics.splitlines():
        match = re.match(r'shopfn_request_duration_seconds_bucket\{(.*)\} ([0-9.e+]+)$', line)
        if match:
            labels = dict(re.findall(r'(\w+)="([^"]*)"', match[1]))
            found.setdefault(labels["function"], {})[float(labels["le"].replace("+Inf", "inf"))] = float(match[2])
    return found


def quantile(before, after, q):
    buckets = sorted((le, count - before.get(le, 0)) for le, count in after.items())
    total = buckets[-1][1] if buckets else 0
    if total <= 0:
        return None, 0
    return next(le for le, count in buckets if count >= q * total), int(total)


def load(port, seconds, connections, only, products):
    environment = dict(os.environ, SHOP_PRODUCTS=" ".join(products), SHOP_ONLY=only)
    text = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", os.path.join(HERE, "mix.lua"),
         f"http://127.0.0.1:{port}"], env=environment, capture_output=True, text=True, check=True).stdout
    match = re.search(r"requests (\d+) duration (\d+) errors (\d+)", text)
    return int(match[1]) / (int(match[2]) / 1e6), int(match[3])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port, admin = free_port(), free_port()
        manifest = os.path.join(folder, "functions.yaml")
        with open(os.path.join(ROOT, "functions.yaml")) as source, open(manifest, "w") as target:
            target.write(source.read() + HELLO)
        environment = dict(os.environ, PAYMENT_URL=f"http://127.0.0.1:{port}/api/payments")
        shop = subprocess.Popen(
            [os.path.join(BIN, "shopfn"), "serve", "--manifest", manifest, "--modules", BIN, "--port", str(port),
             "--admin-port", str(admin), "--state", os.path.join(folder, "valkey")],
            env=environment, stdout=subprocess.DEVNULL, stderr=open(os.path.join(folder, "log"), "w"))
        try:
            for _ in range(300):
                try:
                    products = re.findall(r'"id":"([^"]+)"', get(f"http://127.0.0.1:{port}/api/products?size=100"))
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                sys.exit("run.py: the shop does not answer: " + open(os.path.join(folder, "log")).read())
            with socket.socket(socket.AF_UNIX) as valkey:
                valkey.connect(os.path.join(folder, "valkey", "valkey.sock"))
                for product in products:
                    command(valkey, "HSET", "shop:stock:{%s}" % product, "initial", 10**8, "available", 10**8)
            for only in ("hello", "reads", ""):
                load(port, 2, options.connections, only, products)
            rates = {"hello": [], "reads": [], "": []}
            errors = 0
            before = histogram(get(f"http://127.0.0.1:{admin}/metrics"))
            for _ in range(options.rounds):
                for only, found in rates.items():
                    rate, failed = load(port, options.seconds, options.connections, only, products)
                    found.append(rate)
                    errors += failed
            after = histogram(get(f"http://127.0.0.1:{admin}/metrics"))
        finally:
            shop.terminate()
            shop.wait(60)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    print(f"{options.connections} connections, {options.rounds} rounds of {options.seconds} s, medians; {errors} errors")
    print(f"hello          {medians['hello']:9.0f}/s")
    print(f"product reads  {medians['reads']:9.0f}/s  {medians['reads'] / medians['hello']:.2f} x hello (goal 0.5)")
    print(f"the mix        {medians['']:9.0f}/s  {medians[''] / medians['hello']:.2f} x hello (goal 0.25)")
    print("function             requests   p50 at most   p99 at most")
    for function, buckets in sorted(after.items()):
        p50, total = quantile(before.get(function, {}), buckets, 0.5)
        p99, _ = quantile(before.get(function, {}), buckets, 0.99)
        if total:
            print(f"{function:18} {total:10}   {p50 * 1000:8.2f} ms   {p99 * 1000:8.2f} ms")


if __name__ == "__main__":
    main()
