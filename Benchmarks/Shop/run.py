#!/usr/bin/env python3
"""Measures the shop's mix on a warm system, beside a hello function in the same gateway, and counts round trips.

Usage: run.py [--rounds N] [--seconds S] [--connections C] [--only speed|round-trips|processor] [--against FOLDER]
--against names a folder with another build's programs, to compare the processor time of a request with.
Needs wrk, a Valkey server on PATH, and the package built in release configuration (SHOPFN_BIN names another folder).
Latencies are those the gateway measures, from a request's arrival to its response's end, bucket by bucket.
"""
import argparse, os, re, shutil, socket, statistics, subprocess, sys, tempfile, time, urllib.request

import processor
from roundtrips import Counter, count

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


def stock_up(path, products):
    """Sees to it that no product runs out."""
    with socket.socket(socket.AF_UNIX) as valkey:
        valkey.connect(path)
        for product in products:
            command(valkey, "HSET", "shop:stock:{%s}" % product, "initial", 10**8, "available", 10**8)


def histogram(metrics):
    found = {}
    for line in metrics.splitlines():
        match = re.match(r'shopfn_request_duration_seconds_bucket\{(.*)\} ([0-9.e+]+)$', line)
        if match:
            labels = dict(re.findall(r'(\w+)="([^"]*)"', match[1]))
            found.setdefault(labels["function"], {})[float(labels["le"].replace("+Inf", "inf"))] = float(match[2])
    return found


def statuses(metrics):
    """Answered requests as {(function, status): count}; the function is empty where none was reached."""
    found = {}
    for match in re.finditer(r'^shopfn_requests_total\{function="([^"]*)",.*code="(\d+)"\} (\d+)$', metrics, re.MULTILINE):
        found[match[1], int(match[2])] = found.get((match[1], int(match[2])), 0) + int(match[3])
    return found


def quantile(before, after, q):
    buckets = sorted((le, count - before.get(le, 0)) for le, count in after.items())
    total = buckets[-1][1] if buckets else 0
    if total <= 0:
        return None, 0
    return next(le for le, count in buckets if count >= q * total), int(total)


def load(port, seconds, connections, only, products, refusals=False):
    """Requests per second, how many failed, and, only with `refusals`, what was said to the first 20 of them."""
    environment = dict(os.environ, SHOP_PRODUCTS=" ".join(products), SHOP_ONLY=only)
    if refusals:
        environment["SHOP_REFUSALS"] = "1"
    text = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", os.path.join(HERE, "mix.lua"),
         f"http://127.0.0.1:{port}"], env=environment, capture_output=True, text=True, check=True).stdout
    match = re.search(r"requests (\d+) duration (\d+) errors (\d+)", text)
    refused = re.findall(r"^refused (.*)$", text, re.MULTILINE)
    return int(match[1]) / (int(match[2]) / 1e6), int(match[3]), refused


class Shop:
    """A shop with a hello function beside it."""

    def __init__(self, folder, *arguments, programs=BIN):
        self.port, self.admin, self.folder = free_port(), free_port(), folder
        manifest = os.path.join(folder, "functions.yaml")
        with open(os.path.join(ROOT, "functions.yaml")) as source, open(manifest, "w") as target:
            # Recovery is no part of what is measured.
            target.write(source.read().replace("schedule: every 10s", "schedule: every 1h") + HELLO)
        environment = dict(os.environ, PAYMENT_URL=f"http://127.0.0.1:{self.port}/api/payments")
        self.log = os.path.join(folder, "log")
        self.process = subprocess.Popen(
            [os.path.join(programs, "shopfn"), "serve", "--manifest", manifest, "--modules", programs,
             "--port", str(self.port), "--admin-port", str(self.admin), "--state", os.path.join(folder, "valkey"), *arguments],
            env=environment, stdout=subprocess.DEVNULL, stderr=open(self.log, "w"))

    def products(self):
        for _ in range(300):
            try:
                return re.findall(r'"id":"([^"]+)"', get(f"http://127.0.0.1:{self.port}/api/products?size=100"))
            except OSError:
                time.sleep(0.1)
        self.end()
        sys.exit("run.py: the shop does not answer: " + open(self.log).read())

    def metrics(self):
        text = get(f"http://127.0.0.1:{self.admin}/metrics")
        return histogram(text), statuses(text)

    def end(self):
        self.process.terminate()
        self.process.wait(60)


def speed(options):
    """Prints what the shop does in a second, and how long each function takes."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(folder)
        try:
            products = shop.products()
            stock_up(os.path.join(folder, "valkey", "valkey.sock"), products)
            for only in ("hello", "reads", ""):
                _, _, refused = load(shop.port, 2, options.connections, only, products, refusals=True)
            rates = {"hello": [], "reads": [], "": []}
            errors = 0
            before, answers_before = shop.metrics()
            for _ in range(options.rounds):
                for only, found in rates.items():
                    rate, failed, _ = load(shop.port, options.seconds, options.connections, only, products)
                    found.append(rate)
                    errors += failed
            after, answers = shop.metrics()
            # What was refused while nobody took down what was said is likely to be refused again.
            for _ in range(5):
                if errors and not refused:
                    _, _, refused = load(shop.port, 2, options.connections, "", products, refusals=True)
        finally:
            shop.end()
    def ratio(only):
        return statistics.median(rate / hello for rate, hello in zip(rates[only], rates["hello"]))
    medians = {name: statistics.median(found) for name, found in rates.items()}
    print(f"{options.connections} connections, {options.rounds} rounds of {options.seconds} s, medians; {errors} errors")
    print(f"hello          {medians['hello']:9.0f}/s")
    print(f"product reads  {medians['reads']:9.0f}/s  {ratio('reads'):.2f} x hello (goal 0.5)")
    print(f"the mix        {medians['']:9.0f}/s  {ratio(''):.2f} x hello (goal 0.25)")
    print("function             requests   p50 at most   p99 at most")
    for function, buckets in sorted(after.items()):
        p50, total = quantile(before.get(function, {}), buckets, 0.5)
        p99, _ = quantile(before.get(function, {}), buckets, 0.99)
        if total:
            print(f"{function:18} {total:10}   {p50 * 1000:8.2f} ms   {p99 * 1000:8.2f} ms")
    for (function, status), count in sorted(answers.items()):
        count -= answers_before.get((function, status), 0)
        # 499: wrk hung up at a round's end while the request was under way.
        if count and not 200 <= status < 300 and status != 499:
            print(f"{function or 'no function'} answered {status}, {count} times")
    for answer in refused:
        print(f"refused: {answer}")


def round_trips():
    """Prints how often each function waits for Valkey."""
    server = os.environ.get("SHOPFN_VALKEY_SERVER") or shutil.which("valkey-server") or shutil.which("redis-server")
    if not server:
        sys.exit("run.py: neither valkey-server nor redis-server is on PATH; set SHOPFN_VALKEY_SERVER")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "server")
        valkey = subprocess.Popen([server, "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder],
                                  stdout=subprocess.DEVNULL)
        shop = None
        try:
            while not os.path.exists(path):
                time.sleep(0.05)
            counter = Counter(os.path.join(folder, "between"), path)
            shop = Shop(folder, "--valkey", "unix://" + os.path.join(folder, "between"))
            stock_up(path, shop.products())
            print("function           round trips to Valkey   goal")
            goals = {"get-product": "1", "get-cart": "2", "add-to-cart": "2", "place-order": "8"}
            for function, (least, most) in count(shop.port, counter).items():
                trips = str(least) if least == most else f"{least} to {most}"
                print(f"{function:18} {trips:>21}   {goals.get(function, '')}")
        finally:
            if shop:
                shop.end()
            valkey.terminate()
            valkey.wait(60)


def processor_time(options):
    """Prints the processor time of a request of the mix."""
    if not processor.shorten_slices():
        print("time slices could not be shortened: other work on this machine makes a request wait")
    shops, products = {}, {}
    with tempfile.TemporaryDirectory() as base:
        try:
            builds = {"other": options.against} if options.against else {}
            for name, programs in (builds | {"this": BIN}).items():
                folder = os.path.join(base, name)
                os.mkdir(folder)
                shops[name] = Shop(folder, programs=os.path.abspath(programs))
                products[name] = shops[name].products()
                stock_up(os.path.join(folder, "valkey", "valkey.sock"), products[name])
                load(shops[name].port, 2, options.connections, "", products[name])
            names = {shop.port: name for name, shop in shops.items()}

            def one(shop):
                rate, _, _ = load(shop.port, 1, options.connections, "", products[names[shop.port]])
                return rate

            processor.report(processor.measure(shops, one, 4 * options.rounds))
        finally:
            for shop in shops.values():
                shop.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", choices=["speed", "round-trips", "processor"])
    parser.add_argument("--against", metavar="FOLDER")
    options = parser.parse_args()
    if options.only in (None, "round-trips"):
        round_trips()
    if options.only in (None, "speed"):
        speed(options)
    if options.only == "processor" or options.against:
        processor_time(options)


if __name__ == "__main__":
    main()
