#!/usr/bin/env python3
"""Measures the autoscaler against a real kube-apiserver on loopback.

Usage: run.py [--activations N] [--functions N] [--seconds S] [--only NAME[,NAME]] [--json FILE]
Needs: KUBEBUILDER_ASSETS with etcd and kube-apiserver (the envtest convention), openssl, and shopfn in release
configuration. Parts:

  activation   a request reaches a gateway whose function has no worker, until the Deployment's scale is patched: with
               the gateway and the autoscaler as they are, and beside it, through the same API server, a scaler that
               polls a queue every 500 ms and looks every 200 ms at what the poll found, KEDA's HTTP add-on's defaults.
  load         1,000 functions with one change of demand a second each: processor time and memory of the autoscaler.
"""
import argparse, json, os, random, shutil, signal, socket, ssl, statistics, struct, subprocess, sys, tempfile
import threading, time, urllib.error, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHOPFN = os.path.join(os.environ.get("SHOPFN_BIN", os.path.join(ROOT, ".build", "release")), "shopfn")
NAMESPACE = "bench"
TOKEN = "benchmark-token"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit(f"run.py: waited in vain for {what}")


class Process:
    """A program that is ended with the block that started it."""

    def __init__(self, arguments, log, **options):
        self.log = open(log, "ab")
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **options)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Cluster:
    """etcd and kube-apiserver, with certificates of their own and an administrator's kubeconfig."""

    def __init__(self, folder, assets):
        self.folder, self.assets = folder, assets
        self.port, self.etcd_port, self.peer_port = free_port(), free_port(), free_port()
        self.kubeconfig = os.path.join(folder, "kubeconfig")

    def __enter__(self):
        self.certificates()
        etcd = f"http://127.0.0.1:{self.etcd_port}"
        peer = f"http://127.0.0.1:{self.peer_port}"
        self.etcd = Process(
            [f"{self.assets}/etcd", "--data-dir", self.path("etcd"), "--unsafe-no-fsync", "--listen-client-urls", etcd,
             "--advertise-client-urls", etcd, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
             "--initial-cluster", f"default={peer}"], self.path("etcd.log"))
        self.server = Process(
            [f"{self.assets}/kube-apiserver", f"--etcd-servers={etcd}", "--bind-address=127.0.0.1",
             f"--secure-port={self.port}", f"--tls-cert-file={self.path('server.pem')}",
             f"--tls-private-key-file={self.path('server.key')}", f"--client-ca-file={self.path('ca.pem')}",
             f"--cert-dir={self.folder}", "--authorization-mode=RBAC",
             "--service-account-issuer=https://kubernetes.default.svc",
             f"--service-account-signing-key-file={self.path('sa.key')}",
             f"--service-account-key-file={self.path('sa.pub')}", "--service-cluster-ip-range=10.96.0.0/16",
             "--disable-admission-plugins=ServiceAccount"], self.path("kube-apiserver.log"))
        try:
            self.context = ssl.create_default_context(cafile=self.path("ca.pem"))
            self.context.load_cert_chain(self.path("admin.pem"), self.path("admin.key"))
            wait_for("kube-apiserver", lambda: self.request("GET", "/readyz") is not None, 600)
            self.request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        except BaseException:
            # A block that was never entered is not left: nothing would end them.
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.server.__exit__()
        self.etcd.__exit__()

    def path(self, name):
        return os.path.join(self.folder, name)

    def certificates(self):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
        for name, subject, alternative in [("server", "/CN=kube-apiserver", "IP:127.0.0.1"),
                                           ("admin", "/O=system:masters/CN=admin", "DNS:admin")]:
            openssl("req", *key, "-subj", subject, "-keyout", f"{name}.key", "-out", f"{name}.csr")
            with open(self.path("ext"), "w", encoding="utf-8") as file:
                file.write(f"subjectAltName={alternative}")
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                    "-days", "2", "-extfile", "ext", "-out", f"{name}.pem")
        openssl("genrsa", "-out", "sa.key", "2048")
        openssl("rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub")
        with open(self.kubeconfig, "w", encoding="utf-8") as file:
            file.write(f"""apiVersion: v1
kind: Config
current-context: c
contexts: [{{ name: c, context: {{ cluster: c, user: u, namespace: {NAMESPACE} }} }}]
clusters: [{{ name: c, cluster: {{ server: "https://127.0.0.1:{self.port}", certificate-authority: ca.pem }} }}]
users: [{{ name: u, user: {{ client-certificate: admin.pem, client-key: admin.key }} }}]
""")

    def open(self, method, path, body=None, kind="application/json"):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", data, method=method)
        if data is not None:
            request.add_header("Content-Type", kind)
        return urllib.request.urlopen(request, context=self.context, timeout=60)

    def request(self, method, path, body=None, kind="application/json"):
        try:
            with self.open(method, path, body, kind) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            if error.code in (401, 403, 404, 409, 500, 503):
                return None
            raise

    def deploy(self, name):
        labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/component": "worker"}
        self.request("POST", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", {
            "metadata": {"name": name},
            "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [{"name": "worker", "image": "none"}]}}}})

    def scale(self, name, replicas):
        path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{name}/scale"
        self.request("PATCH", path, {"spec": {"replicas": replicas}}, "application/merge-patch+json")


class Watcher:
    """Sees when each Deployment's scale first leaves zero."""

    def __init__(self, cluster):
        self.seen, self.changed = {}, threading.Condition()
        path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
        version = json.loads(cluster.request("GET", path))["metadata"]["resourceVersion"]
        self.stream = cluster.open("GET", f"{path}?watch=true&resourceVersion={version}")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.stream:
            now = time.perf_counter()
            item = json.loads(line)["object"]
            if item.get("spec", {}).get("replicas", 0) > 0:
                with self.changed:
                    self.seen.setdefault(item["metadata"]["name"], now)
                    self.changed.notify_all()

    def wait(self, name):
        with self.changed:
            if not self.changed.wait_for(lambda: name in self.seen, 30):
                sys.exit(f"run.py: {name} was not scaled")
            return self.seen[name]


def manifest(folder, count):
    path = os.path.join(folder, "functions.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("version: 1\nservice: bench\ndefaults: { timeout: 60s, concurrency: 16,"
                   " scale: { min: 0, max: 8, idle: 600s } }\nfunctions:\n")
        for number in range(count):
            file.write(f"  f{number}: {{ module: none, handler: None, route: GET /f{number} }}\n")
    return path


def autoscaler(cluster, path, gateway, admin):
    return Process([SHOPFN, "autoscaler", "--manifest", path, "--gateway", gateway, "--token-file",
                    cluster.path("token"), "--plaintext", "--kubeconfig", cluster.kubeconfig, "--namespace", NAMESPACE,
                    "--admin-port", str(admin)], cluster.path("autoscaler.log"))


def pools(admin):
    with urllib.request.urlopen(f"http://127.0.0.1:{admin}/api/pools", timeout=5) as response:
        return json.loads(response.read())


def is_ready(admin):
    document = pools(admin)
    return document["leads"] and document["gateways"]["connected"] > 0 and all(
        pool["replicas"] is not None for pool in document["pools"])


def quantiles(values):
    ordered = sorted(values)
    return {"median_ms": round(statistics.median(ordered), 1), "p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
            "max_ms": round(ordered[-1], 1), "runs": len(ordered)}


def activation(cluster, count):
    path = manifest(cluster.folder, 2 * count)
    for number in range(2 * count):
        cluster.deploy(f"f{number}")
    http, worker, admin, gateway_admin = free_port(), free_port(), free_port(), free_port()
    gateway = Process([SHOPFN, "gateway", "--manifest", path, "--host", "127.0.0.1", "--port", str(http),
                       "--worker-host", "127.0.0.1", "--worker-port", str(worker), "--admin-port", str(gateway_admin),
                       "--token-file", cluster.path("token"), "--plaintext"], cluster.path("gateway.log"))
    took, polled = [], []
    with gateway, autoscaler(cluster, path, f"127.0.0.1:{worker}", admin):
        wait_for("the autoscaler", lambda: is_ready(admin))
        watcher = Watcher(cluster)
        for number in range(count):
            name = f"f{number}"
            with socket.create_connection(("127.0.0.1", http)) as client:
                start = time.perf_counter()
                client.sendall(f"GET /{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                took.append((watcher.wait(name) - start) * 1_000)
            time.sleep(0.05)
    # The same patch by a scaler that polls; a request comes at any moment of its periods.
    watcher = Watcher(cluster)
    for number in range(count, count + min(count, 15)):
        start = time.perf_counter()
        time.sleep(random.uniform(0, 0.5))
        time.sleep(random.uniform(0, 0.2))
        cluster.scale(f"f{number}", 1)
        polled.append((watcher.wait(f"f{number}") - start) * 1_000)
    result = {"shopfn": quantiles(took), "polling": quantiles(polled)}
    result["times_faster"] = round(result["polling"]["median_ms"] / result["shopfn"]["median_ms"], 1)
    print(f"activation: request at zero to scale patched: median {result['shopfn']['median_ms']} ms, "
          f"p99 {result['shopfn']['p99_ms']} ms ({count} runs); polling 500 ms and 200 ms: median "
          f"{result['polling']['median_ms']} ms: {result['times_faster']} times as fast")
    return result


class ScriptedGateway:
    """A gateway as far as a scaler knows: tells the demand of many functions (docs/kubernetes.md names the frames)."""

    def __init__(self, count):
        self.count = count
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sent, self.stop = 0, threading.Event()
        self.connected = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    @staticmethod
    def frame(kind, payload):
        return struct.pack("<IBI", len(payload) + 5, kind, 0) + payload

    @staticmethod
    def text(text):
        return struct.pack("<I", len(text)) + text.encode()

    def demand(self, number, in_flight):
        return self.frame(0x13, struct.pack("<QIIIIII", self.sent, in_flight, 0, 16 - in_flight, 1, 0, 16)
                          + self.text(f"f{number}") + self.text(f"GET /f{number}"))

    def serve(self):
        peer, _ = self.listener.accept()
        threading.Thread(target=self.drain, args=(peer,), daemon=True).start()
        peer.sendall(self.frame(0x11, self.text("scripted")))
        peer.sendall(b"".join(self.demand(number, 1) for number in range(self.count)) + self.frame(0x15, b""))
        self.connected.set()
        start, last_ping = time.perf_counter(), time.perf_counter()
        while not self.stop.is_set():
            due = int((time.perf_counter() - start) * self.count) - self.sent
            if due > 0:
                # In flight stays within one worker's slots: what changes is demand, not the number of workers.
                peer.sendall(b"".join(self.demand((self.sent + n) % self.count, random.randint(1, 12))
                                      for n in range(due)))
                self.sent += due
            if time.perf_counter() - last_ping > 1:
                last_ping = time.perf_counter()
                peer.sendall(self.frame(0x17, b""))
            time.sleep(0.005)
        peer.close()

    @staticmethod
    def drain(peer):
        try:
            while peer.recv(65_536):
                pass
        except OSError:
            pass


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        values = {line.split(":")[0]: line.split()[1] for line in file if line.startswith(("VmRSS", "VmHWM"))}
    return int(values["VmRSS"]) / 1024, int(values["VmHWM"]) / 1024


def load(cluster, count, seconds):
    path = manifest(cluster.folder, count)
    for number in range(count):
        cluster.deploy(f"f{number}")
    admin = free_port()
    gateway = ScriptedGateway(count)
    with autoscaler(cluster, path, f"127.0.0.1:{gateway.port}", admin) as process:
        wait_for("the autoscaler", lambda: is_ready(admin))
        wait_for("all scales", lambda: all(pool["replicas"] >= 1 for pool in pools(admin)["pools"]), 120)
        time.sleep(3)
        spent, sent, start = processor_seconds(process.pid), gateway.sent, time.perf_counter()
        time.sleep(seconds)
        took = time.perf_counter() - start
        cores = (processor_seconds(process.pid) - spent) / took
        rate = (gateway.sent - sent) / took
        resident, peak = memory(process.pid)
        gateway.stop.set()
    result = {"functions": count, "changes_per_second": round(rate), "core_percent": round(cores * 100, 1),
              "resident_mib": round(resident), "peak_mib": round(peak)}
    print(f"load: {count} functions, {rate:.0f} changes of demand a second: {cores * 100:.1f} % of a core, "
          f"{resident:.0f} MiB resident, {peak:.0f} MiB at most")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--activations", type=int, default=60)
    parser.add_argument("--functions", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--only", default="activation,load")
    parser.add_argument("--json")
    options = parser.parse_args()
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    if not os.access(os.path.join(assets, "kube-apiserver"), os.X_OK):
        print("kubernetes: skipped: KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver")
        return
    if not os.access(SHOPFN, os.X_OK):
        sys.exit(f"run.py: there is no {SHOPFN}; build it with: make build")
    results = {}
    for part in options.only.split(","):
        folder = tempfile.mkdtemp(prefix="shopfn-bench-")
        with open(os.path.join(folder, "token"), "w", encoding="utf-8") as file:
            file.write(TOKEN + "\n")
        try:
            with Cluster(folder, assets) as cluster:
                if part == "activation":
                    results[part] = activation(cluster, options.activations)
                elif part == "load":
                    results[part] = load(cluster, options.functions, options.seconds)
                else:
                    sys.exit(f"run.py: there is no part '{part}'; there are activation and load")
        finally:
            if os.environ.get("KEEP"):
                print(f"kept {folder}")
            else:
                shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)


main()
