#!/usr/bin/env python3
"""Measures remote workers against local ones, in one run, and prints ratios.

Usage: run.py [--rounds N] [--seconds S] [--json FILE]
Needs: wrk, openssl, and the package built in release configuration (the probe is built with the tests).

Throughput: one worker of 'Hello' behind a gateway, 64 connections of wrk, in turn over the local socket, over TCP and
over TCP with TLS; ratios are medians of the rounds' ratios. Start: from the start of a worker's process to the dispatch
of the invocation that waits for it, beside the same program's start to its own end when it only describes itself, which
is what the process itself needs.
"""
import argparse, json, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Runtime"))
from run import BIN, Process, Shop, free_port, medians, need, ratio, wait_for, wrk  # noqa: E402

MANIFEST = """
version: 1
service: benchmark
defaults: { timeout: 10s, concurrency: 64, scale: { min: 1, max: 1, policy: fixed } }
functions:
  hello: { module: probe, handler: Hello, route: GET /hello }
"""


class Gateway(Process):
    """A gateway by itself, with a token file and perhaps TLS."""

    def __init__(self, folder, tls):
        self.port, self.admin, self.workers = free_port(), free_port(), free_port()
        self.folder, self.tls = folder, tls
        security = (["--tls-certificate", f"{folder}/server.pem", "--tls-key", f"{folder}/server.key"]
                    if tls else ["--plaintext"])
        super().__init__(
            [os.path.join(BIN, "shopfn"), "gateway", "--manifest", f"{folder}/functions.yaml", "--port",
             str(self.port), "--admin-port", str(self.admin), "--worker-port", str(self.workers), "--token-file",
             f"{folder}/token", *security])
        wait_for(self.port, 60)

    def command(self):
        security = (["--ca", f"{self.folder}/ca.pem", "--server-name", "gateways"] if self.tls else ["--plaintext"])
        return [os.path.join(BIN, "probe"), "--function", "hello", "--handler", "Hello", "--concurrency", "64",
                "--gateway", f"127.0.0.1:{self.workers}", "--token-file", f"{self.folder}/token", *security]

    def ready(self):
        return pool(self.admin)["ready"]


def pool(admin):
    with socket.create_connection(("127.0.0.1", admin)) as connection:
        connection.sendall(b"GET /api/pools HTTP/1.0\r\n\r\n")
        answer = b""
        while part := connection.recv(1 << 20):
            answer += part
    return json.loads(answer.split(b"\r\n\r\n", 1)[1])["pools"][0]


def certificates(folder):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *key, "-subj", "/CN=gateways", "-keyout", "server.key", "-out", "server.csr")
    with open(f"{folder}/ext", "w") as file:
        file.write("subjectAltName=DNS:gateways")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "ext", "-out", "server.pem")


def eventually(what, condition, seconds=20):
    end = time.time() + seconds
    while not condition():
        if time.time() > end:
            sys.exit(f"run.py: not within {seconds} s: {what}")
        time.sleep(0.02)


def cpu(pids):
    """Seconds of processor time that processes have used so far."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def measured(pids, *arguments):
    """As wrk, with the processor time of the gateway and its worker for each request, in microseconds."""
    before = cpu(pids)
    begin = time.time()
    figures = wrk(*arguments)
    figures["cpu"] = (cpu(pids) - before) / (figures["rps"] * (time.time() - begin)) * 1e6
    return figures


def throughput(folder, rounds, seconds):
    with Shop(f"{folder}/functions.yaml", folder, "--valkey", "valkey://127.0.0.1:1") as local, \
            Gateway(folder, False) as plain, Gateway(folder, True) as secure, \
            Process(plain.command()) as plain_worker, Process(secure.command()) as secure_worker:
        eventually("a local worker", lambda: pool(local.admin)["ready"] == 1)
        eventually("a worker over TCP", lambda: plain.ready() == 1)
        eventually("a worker over TLS", lambda: secure.ready() == 1)
        peers = {"local": local.port, "tcp": plain.port, "tls": secure.port}
        pids = {"local": [local.pid, *local.children()], "tcp": [plain.pid, plain_worker.pid],
                "tls": [secure.pid, secure_worker.pid]}
        samples = {name: [] for name in peers}
        single = {name: [] for name in peers}
        for port in peers.values():
            wrk(port, "/hello", 64, 1)
        for _ in range(rounds):
            for name, port in peers.items():
                samples[name].append(measured(pids[name], port, "/hello", 64, seconds))
            for name, port in peers.items():
                single[name].append(measured(pids[name], port, "/hello", 1, max(1, seconds // 2)))
    result = {"busy": {name: medians(part) for name, part in samples.items()},
              "single": {name: medians(part) for name, part in single.items()}}
    for name in ("tcp", "tls"):
        result[f"{name}_ratio"] = ratio(samples[name], samples["local"], "rps")
        result[f"{name}_cpu_ratio"] = ratio(samples["local"], samples[name], "cpu")
        result[f"{name}_single_ratio"] = ratio(single[name], single["local"], "rps")
    return result


def start(folder, tls, rounds):
    """Milliseconds from a worker's fork to its first invocation's answer, and from fork to end of a bare start."""
    def used(process):
        """Milliseconds of processor time a process used in its whole life; waits for its end."""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return (usage.ru_utime + usage.ru_stime) * 1e3

    times, bare, added_cpu = [], [], []
    with Gateway(folder, tls) as gateway:
        for _ in range(rounds):
            begin = time.perf_counter()
            describing = subprocess.Popen([os.path.join(BIN, "probe"), "--describe"], stdout=subprocess.DEVNULL)
            bare_cpu = used(describing)
            bare.append((time.perf_counter() - begin) * 1e3)

            connection = socket.create_connection(("127.0.0.1", gateway.port))
            connection.sendall(b"GET /hello HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")
            eventually("a request waits", lambda: pool(gateway.admin)["queued"] == 1)
            begin = time.perf_counter()
            worker = Process(gateway.command())
            answer = connection.recv(4096)
            times.append((time.perf_counter() - begin) * 1e3)
            if not answer.startswith(b"HTTP/1.1 200"):
                sys.exit(f"run.py: {answer[:200]}")
            connection.close()
            worker.process.send_signal(signal.SIGTERM)
            added_cpu.append(used(worker.process) - bare_cpu)
            eventually("the worker is gone", lambda: gateway.ready() == 0)
    return {"start_ms": statistics.median(times), "process_ms": statistics.median(bare),
            "added_ms": statistics.median(a - b for a, b in zip(times, bare)),
            "added_cpu_ms": statistics.median(added_cpu)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--starts", type=int, default=21)
    parser.add_argument("--json")
    options = parser.parse_args()
    need("wrk", "wrk")
    need("openssl", "openssl")
    folder = tempfile.mkdtemp(prefix="shopfn-remote-")
    try:
        with open(f"{folder}/functions.yaml", "w") as file:
            file.write(MANIFEST)
        with open(f"{folder}/token", "w") as file:
            file.write("benchmark-secret\n")
        certificates(folder)
        result = {"throughput": throughput(folder, options.rounds, options.seconds),
                  "start": {"tcp": start(folder, False, options.starts), "tls": start(folder, True, options.starts)}}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(result)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=1)


def report(result):
    part = result["throughput"]
    for kind, title in (("busy", "64 connections"), ("single", "1 connection")):
        print(f"{title}:")
        for name, figures in part[kind].items():
            print(f"  {name:6} {figures['rps']:9.0f} requests/s   p50 {figures['p50']:7.0f} us   "
                  f"p99 {figures['p99']:7.0f} us   {figures['cpu']:6.1f} us of CPU a request")
    goals = [(f"remote over {name}, of local", part[f"{key}_ratio"], 0.8, True) for name, key in
             (("TCP", "tcp"), ("TLS", "tls"))]
    for name, key in (("TCP", "tcp"), ("TLS", "tls")):
        print(f"processor time of local, of that over {name}: {part[f'{key}_cpu_ratio']:.2f}")
        figures = result["start"][key]
        print(f"start over {name}: {figures['start_ms']:.1f} ms to the first answer, "
              f"{figures['process_ms']:.1f} ms of them the process's own; "
              f"{figures['added_cpu_ms']:.1f} ms of processor time more in its whole life")
        goals.append((f"added at the start over {name}, ms", figures["added_ms"], 15, False))
    for name, value, goal, at_least in goals:
        met = value >= goal if at_least else value < goal
        print(f"{'met   ' if met else 'MISSED'} {name}: {value:.2f} (goal {'>=' if at_least else '<'} {goal})")


if __name__ == "__main__":
    main()
