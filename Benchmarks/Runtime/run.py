#!/usr/bin/env python3
"""Measures the runtime against what else one could run, in one run, and prints ratios.

Usage: run.py [--rounds N] [--seconds S] [--only NAME[,NAME]] [--json FILE]
Needs: wrk, nginx, a C compiler, and the package built in release configuration.
Every figure is a median over rounds; peers are measured in turn within each round, so that a machine that slows down
slows all of them.
"""
import argparse, json, os, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BIN = os.environ.get("SHOPFN_BIN", os.path.join(ROOT, ".build", "release"))


def need(program, package):
    if shutil.which(program) is None:
        sys.exit(f"run.py: {program} is missing; install it with: apt-get install {package}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"run.py: nothing listens on port {port}")


class Process:
    """A server that is ended with the block that started it."""

    def __init__(self, arguments, **options):
        self.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Shop(Process):
    def __init__(self, manifest, folder, *arguments):
        self.port, self.admin = free_port(), free_port()
        super().__init__(
            [os.path.join(BIN, "shopfn"), "serve", "--manifest", manifest, "--port", str(self.port), "--admin-port",
             str(self.admin), "--state", os.path.join(folder, "valkey"), *arguments])
        wait_for(self.port, 60)

    def pools(self):
        with socket.create_connection(("127.0.0.1", self.admin)) as connection:
            connection.sendall(b"GET /api/pools HTTP/1.0\r\n\r\n")
            answer = b""
            while part := connection.recv(1 << 20):
                answer += part
        return {pool["function"]: pool for pool in json.loads(answer.split(b"\r\n\r\n", 1)[1])["pools"]}

    def children(self):
        found, frontier = [], [self.pid]
        while frontier:
            parent = frontier.pop()
            try:
                with open(f"/proc/{parent}/task/{parent}/children") as file:
                    children = [int(word) for word in file.read().split()]
                # Children belong to the thread that made them.
                for task in os.listdir(f"/proc/{parent}/task"):
                    with open(f"/proc/{parent}/task/{task}/children") as file:
                        children += [int(word) for word in file.read().split()]
            except FileNotFoundError:
                continue
            for child in set(children) - set(found):
                found.append(child)
                frontier.append(child)
        return found


def nginx(folder, upstream):
    port = free_port()
    path = os.path.join(folder, "nginx.conf")
    with open(path, "w") as file:
        file.write(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log crit;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000000;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream bare {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://bare; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}""")
    server = Process(["nginx", "-p", folder, "-c", path])
    wait_for(port)
    return server, port


def wrk(port, path, connections, seconds):
    text = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}{path}"],
        capture_output=True, text=True, check=True).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if errors or "Socket errors" in text:
        print("warning: " + text.replace("\n", " | "), file=sys.stderr)

    def micros(percent):
        number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", text).groups()
        return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]

    return {"rps": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), "p50": micros(50), "p99": micros(99)}


def medians(samples):
    return {name: statistics.median(sample[name] for sample in samples) for name in samples[0]}


def ratio(left, right, name):
    """The median of the rounds' ratios."""
    return statistics.median(a[name] / b[name] for a, b in zip(left, right))


def throughput(folder, rounds, seconds):
    bare_port = free_port()
    with Process([os.path.join(BIN, "bare-server"), str(bare_port)]), \
            Shop(os.path.join(HERE, "functions.yaml"), folder) as shop:
        wait_for(bare_port)
        server, proxy_port = nginx(folder, bare_port)
        with server:
            peers = {"gateway": (shop.port, "/hello"), "nginx": (proxy_port, "/hello"), "bare": (bare_port, "/hello")}
            busy = {name: [] for name in peers}
            single = {name: [] for name in peers}
            for port, path in peers.values():
                wrk(port, path, 64, 1)
            for _ in range(rounds):
                for name, (port, path) in peers.items():
                    busy[name].append(wrk(port, path, 64, seconds))
            for _ in range(rounds):
                for name, (port, path) in peers.items():
                    single[name].append(wrk(port, path, 1, seconds))
    return {
        "throughput": {
            **{name: round(medians(samples)["rps"]) for name, samples in busy.items()},
            "p99Microseconds": {name: medians(samples)["p99"] for name, samples in busy.items()},
            "gatewayToNginx": ratio(busy["gateway"], busy["nginx"], "rps"), "goal": 1.2,
            "gatewayToBare": ratio(busy["gateway"], busy["bare"], "rps"), "stretch": 0.9,
        },
        "latency": {
            **{name: medians(samples) for name, samples in single.items()},
            "p50GatewayToBare": ratio(single["gateway"], single["bare"], "p50"), "goal": 2.0,
        },
    }


def cold(folder, rounds, _):
    times = []
    with Shop(os.path.join(HERE, "functions.yaml"), folder) as shop:
        connection = socket.create_connection(("127.0.0.1", shop.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while len(times) < max(50, rounds * 10):
            while shop.pools()["cold"]["workers"] > 0:
                time.sleep(0.02)
            start = time.perf_counter()
            connection.sendall(b"GET /cold HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            while not answer.endswith(b"hello"):
                answer += connection.recv(65536)
            times.append((time.perf_counter() - start) * 1e6)
    for name, flags in (("answer", ["-static"]), ("measure", [])):
        subprocess.run(["cc", "-O2", *flags, "-o", os.path.join(folder, name),
                        os.path.join(os.path.dirname(HERE), "StaticC", name + ".c")], check=True)
    static = sorted(float(line) for line in subprocess.run(
        [os.path.join(folder, "measure"), os.path.join(folder, "answer"), str(len(times))],
        capture_output=True, text=True, check=True).stdout.split())
    median, peer = statistics.median(times), statistics.median(static)
    return {"cold": {"starts": len(times), "medianMicroseconds": median, "goal": 4000, "stretch": 2500,
                     "p90Microseconds": sorted(times)[int(len(times) * 0.9)],
                     "staticProgramMicroseconds": peer, "ratio": median / peer, "ratioGoal": 3.0}}


def pss(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M)[1]) * 1024


def ticks(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def command(pid):
    with open(f"/proc/{pid}/comm") as file:
        return file.read().strip()


def idle(folder, rounds, _):
    def own(shop):
        return [pid for pid in [shop.pid] + shop.children() if "server" not in command(pid) and "redis" not in command(pid)]

    with Shop(os.path.join(HERE, "functions.yaml"), folder) as shop:
        time.sleep(2)
        processes = own(shop)
        memory = sum(pss(pid) for pid in processes)
        before, start = sum(ticks(pid) for pid in processes), time.time()
        time.sleep(max(10, rounds * 4))
        used = (sum(ticks(pid) for pid in processes) - before) / os.sysconf("SC_CLK_TCK") / (time.time() - start)
    manifest = os.path.join(folder, "workers.yaml")
    with open(manifest, "w") as file:
        file.write("version: 1\nservice: memory\nfunctions:\n  hello:\n    module: probe\n    handler: Hello\n"
                   "    route: GET /hello\n    scale: { min: 16, max: 16 }\n")
    with Shop(manifest, folder, "--modules", BIN) as shop:
        while shop.pools()["hello"]["ready"] < 16:
            time.sleep(0.05)
        wrk(shop.port, "/hello", 64, 2)
        full = own(shop)
        workers = [pid for pid in full if command(pid) == "hello"]
        each = sum(pss(pid) for pid in workers) / len(workers)
    return {"idle": {"processes": len(processes), "pssMegabytes": memory / 1e6, "goalMegabytes": 60,
                     "cpuPercent": used * 100, "goalPercent": 0.5,
                     "workerPssMegabytes": each / 1e6, "workerGoalMegabytes": 6}}


def invoke(folder, rounds, _):
    manifest = os.path.join(ROOT, "functions.yaml")
    times = []
    for _ in range(max(5, rounds)):
        start = time.perf_counter()
        subprocess.run([os.path.join(BIN, "shopfn"), "invoke", "list-products", "--manifest", manifest, "--state",
                        os.path.join(folder, "invoke")], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return {"invoke": {"medianSeconds": statistics.median(times), "goalSeconds": 0.3}}


def routes(folder, rounds, seconds):
    manifest = os.path.join(folder, "routes.yaml")
    with open(manifest, "w") as file:
        file.write("version: 1\nservice: routes\nfunctions:\n")
        for number in range(10_000):
            route = f"GET /r{number % 100}/{{a}}/s{number}"
            file.write(f"  f{number}: {{ module: probe, handler: Hello, route: '{route}' }}\n")
    one = os.path.join(HERE, "functions.yaml")

    def start(path):
        begin = time.perf_counter()
        with Shop(path, folder, "--modules", BIN) as shop:
            return time.perf_counter() - begin, wrk(shop.port, "/r42/x/s9942" if path == manifest else "/hello", 64, seconds)

    many, few = zip(*[(start(manifest), start(one)) for _ in range(max(3, rounds // 2))])
    seconds_many = statistics.median(time for time, _ in many)
    seconds_few = statistics.median(time for time, _ in few)
    return {"routes": {"count": 10_000, "startSeconds": seconds_many, "startSecondsOfTwo": seconds_few,
                       "moreSeconds": seconds_many - seconds_few, "goalSeconds": 1,
                       "throughputToTwo": ratio([load for _, load in many], [load for _, load in few], "rps")}}


PARTS = {"throughput": throughput, "cold": cold, "idle": idle, "invoke": invoke, "routes": routes}


def show(name, value, indent=0):
    pad = "  " * indent
    if isinstance(value, dict):
        print(f"{pad}{name}")
        for key, inner in value.items():
            show(key, inner, indent + 1)
    else:
        print(f"{pad}{name:<26} {value:.3f}" if isinstance(value, float) else f"{pad}{name:<26} {value}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--only", help="parts, separated by commas: " + ", ".join(PARTS))
    parser.add_argument("--json", help="also write the figures to this file")
    options = parser.parse_args()
    for program, package in (("wrk", "wrk"), ("nginx", "nginx-light"), ("cc", "gcc")):
        need(program, package)
    result = {}
    for name in options.only.split(",") if options.only else PARTS:
        if name not in PARTS:
            sys.exit(f"run.py: there is no part {name}; there are {', '.join(PARTS)}")
        with tempfile.TemporaryDirectory() as folder:
            part = PARTS[name](folder, options.rounds, options.seconds)
        for key, value in part.items():
            show(key, value)
        result.update(part)
        sys.stdout.flush()
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=2)


if __name__ == "__main__":
    main()
