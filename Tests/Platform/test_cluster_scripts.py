"""Bootstrap, suspend, resume and emptying a cluster: against a real kube-apiserver, with no kubelet behind it."""

import base64
import json
import os
import pathlib
import shutil
import ssl
import unittest

from support import PlatformTest, ROOT, SCRIPTS, answers, free_port, require, run, wait_for

# Argo CD's own resources, as far as an API server must know them: which kinds there are. What their fields mean is
# checked in test_kubernetes.py.
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{ name: {plural}.argoproj.io }}
spec:
  group: argoproj.io
  scope: Namespaced
  names: {{ plural: {plural}, singular: {singular}, kind: {kind} }}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {{ spec: {{ type: object, x-kubernetes-preserve-unknown-fields: true }} }}
"""

WORKLOAD = """\
apiVersion: apps/v1
kind: {kind}
metadata: {{ name: {name}, namespace: {namespace} }}
spec:
  replicas: {replicas}
  {service}
  selector: {{ matchLabels: {{ app: {name} }} }}
  template:
    metadata: {{ labels: {{ app: {name} }} }}
    spec: {{ containers: [{{ name: main, image: example }}] }}
"""


def assets():
    """The folder with etcd and kube-apiserver, by envtest's convention, or None."""
    for folder in (os.environ.get("KUBEBUILDER_ASSETS"), "/usr/local/kubebuilder/bin"):
        if folder and (pathlib.Path(folder) / "kube-apiserver").exists():
            return pathlib.Path(folder)
    return None


class Server(PlatformTest):
    """The one API server of this file; a test only for what it inherits."""

    def runTest(self):
        """Set up and cleaned up by the module."""

    def setUp(self):
        super().setUp()
        require(self, "kubectl", "openssl", "git")
        folder = assets()
        if folder is None:
            self.skipTest("no kube-apiserver: KUBEBUILDER_ASSETS names no folder with one (setup-envtest use -p path)")
        etcd, peer, port = free_port(), free_port(), free_port()
        self.start(folder / "etcd", "--data-dir", self.folder / "etcd", "--unsafe-no-fsync",
                   "--listen-client-urls", f"http://127.0.0.1:{etcd}", "--advertise-client-urls", f"http://127.0.0.1:{etcd}",
                   "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
                   "--initial-cluster", f"default=http://127.0.0.1:{peer}", log="etcd.log")
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        self.succeeds(run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                          "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate))
        (self.folder / "tokens.csv").write_text('operator,operator,1,"system:masters"\nreader,reader,2,"readers"\n', encoding="utf-8")
        server = self.start(
            folder / "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{etcd}", "--bind-address=127.0.0.1", f"--secure-port={port}",
            f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}", f"--client-ca-file={certificate}",
            f"--token-auth-file={self.folder}/tokens.csv", "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc", f"--service-account-signing-key-file={key}",
            f"--service-account-key-file={certificate}", "--service-cluster-ip-range=10.96.0.0/16",
            # No controller is there that would make the accounts, or take the finalizers of volumes away.
            "--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection", log="apiserver.log")
        context = ssl.create_default_context(cafile=certificate)
        wait_for(lambda: answers(f"https://127.0.0.1:{port}/readyz", context), 60, "the API server is ready", server)
        for user in ("operator", "reader"):
            self.write_kubeconfig(user, port, certificate)

    def write_kubeconfig(self, user, port, certificate):
        document = {
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": f"https://127.0.0.1:{port}",
                                                      "certificate-authority-data": base64.b64encode(certificate.read_bytes()).decode()}}],
            "users": [{"name": user, "user": {"token": user}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}],
        }
        (self.folder / f"{user}.kubeconfig").write_text(json.dumps(document), encoding="utf-8")


SERVER = Server()
del Server  # else it would be found as a test


def setUpModule():
    try:
        SERVER.setUp()
    except BaseException:
        SERVER.doCleanups()
        raise


def tearDownModule():
    SERVER.doCleanups()


class Cluster(PlatformTest):
    """A test against the server, which leaves it as empty as it found it."""

    def setUp(self):
        super().setUp()
        self.environment = {"KUBECONFIG": str(SERVER.folder / "operator.kubeconfig"), "KUBE_CONTEXT": "test", "CLUSTER": "test"}
        self.addCleanup(self.clear)

    def clear(self):
        """No controller removes a namespace, so namespaces stay, without anything in them."""
        self.kubectl("delete", "deployments,statefulsets,ingresses,persistentvolumeclaims", "--all", "--all-namespaces")
        self.kubectl("delete", "customresourcedefinitions", "--all")

    def namespace(self, name):
        self.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))

    def here(self, *command, **more):
        return run(*command, env={**self.environment, **more.pop("env", {})}, timeout=120, **more)

    def kubectl(self, *arguments, stdin=None):
        return self.succeeds(self.here("kubectl", *arguments, stdin=stdin)).stdout

    def get(self, *arguments):
        return json.loads(self.kubectl("get", "--output", "json", *arguments))

    def workload(self, namespace, name, replicas, kind="Deployment"):
        service = "serviceName: none" if kind == "StatefulSet" else ""
        self.kubectl("apply", "-f", "-", stdin=WORKLOAD.format(kind=kind, name=name, namespace=namespace, replicas=replicas, service=service))

    def replicas(self):
        found = self.get("deployments,statefulsets", "--all-namespaces")["items"]
        return {item["metadata"]["name"]: item["spec"]["replicas"] for item in found}


class Bootstrap(Cluster):
    def setUp(self):
        super().setUp()
        manifest = "---\n".join(CRD.format(plural=plural, singular=kind.lower(), kind=kind) for plural, kind in
                                (("applications", "Application"), ("appprojects", "AppProject"), ("applicationsets", "ApplicationSet")))
        (self.folder / "install.yaml").write_text(manifest, encoding="utf-8")
        self.environment.update(ARGOCD_MANIFEST=str(self.folder / "install.yaml"), REPOSITORY="https://git.example.com/team/shop.git")

    def needs_custom_resources(self):
        """Debian's build of 1.20 ends with a memory fault on any write of a custom resource."""
        version = json.loads(self.kubectl("version", "--output", "json"))["serverVersion"]
        if int(version["minor"].rstrip("+")) < 21:
            self.skipTest(f"this API server ({version['gitVersion']}) cannot store custom resources; newer ones from setup-envtest can")

    def test_installs_what_the_manifest_holds(self):
        # A manifest that lacks two of Argo CD's kinds is noticed before anything is handed over.
        (self.folder / "install.yaml").write_text((self.folder / "install.yaml").read_text(encoding="utf-8").split("---")[0], encoding="utf-8")
        done = self.fails(self.here(SCRIPTS / "bootstrap.sh"), "appprojects.argoproj.io")
        self.assertNotIn("handing over", done.stderr)
        self.assertEqual([item["metadata"]["name"] for item in self.get("customresourcedefinitions")["items"]], ["applications.argoproj.io"])
        self.assertEqual(self.get("namespace", "argocd")["metadata"]["name"], "argocd")

    def test_hands_over_to_argo_cd_and_can_be_run_again(self):
        self.needs_custom_resources()
        self.succeeds(self.here(SCRIPTS / "bootstrap.sh"))
        application = self.get("-n", "argocd", "application", "root")
        self.assertEqual(application["spec"]["source"]["repoURL"], "https://git.example.com/team/shop.git")
        self.assertEqual(application["spec"]["source"]["targetRevision"], "main")
        self.assertEqual(self.get("-n", "argocd", "appproject", "root")["spec"]["sourceRepos"], ["https://git.example.com/team/shop.git"])
        version = application["metadata"]["resourceVersion"]
        self.succeeds(self.here(SCRIPTS / "bootstrap.sh"))
        self.assertEqual(self.get("-n", "argocd", "application", "root")["metadata"]["resourceVersion"], version, "a second run changed something")
        self.succeeds(self.here(SCRIPTS / "bootstrap.sh", env={"REVISION": "release-2", "DOMAIN": "shop.example.org"}))
        source = self.get("-n", "argocd", "application", "root")["spec"]["source"]
        self.assertEqual((source["targetRevision"], source["kustomize"]["components"]), ("release-2", ["../components/external-dns"]))

    def test_takes_the_repository_from_origin_without_its_credentials(self):
        self.needs_custom_resources()
        clone = self.folder / "clone"
        self.succeeds(run("git", "init", "-q", clone))
        for path in ("scripts", "k8s"):
            shutil.copytree(ROOT / path, clone / path)
        for origin, address in (("git@github.com:team/shop.git", "https://github.com/team/shop.git"),
                                ("https://user:secret@github.com/team/shop.git", "https://github.com/team/shop.git")):
            run("git", "remote", "remove", "origin", cwd=clone)
            self.succeeds(run("git", "remote", "add", "origin", origin, cwd=clone))
            self.succeeds(self.here(clone / "scripts/platform/bootstrap.sh", env={"REPOSITORY": ""}))
            self.assertEqual(self.get("-n", "argocd", "application", "root")["spec"]["source"]["repoURL"], address)

    def test_who_may_not_is_told_before_anything_is_changed(self):
        done = self.here(SCRIPTS / "bootstrap.sh", env={"KUBECONFIG": str(SERVER.folder / "reader.kubeconfig")})
        self.fails(done, "may not install", "admins")
        self.assertEqual(self.get("customresourcedefinitions")["items"], [])

    def test_bad_arguments_are_told_before_anything_is_changed(self):
        self.fails(self.here(SCRIPTS / "bootstrap.sh", env={"REPOSITORY": "/home/me/shop"}), "no address Argo CD can clone from")
        self.fails(self.here(SCRIPTS / "bootstrap.sh", env={"REVISION": "a b"}), "no branch, tag or commit")
        self.fails(self.here(SCRIPTS / "bootstrap.sh", env={"DOMAIN": "https://shop"}), "no domain")
        self.fails(self.here(SCRIPTS / "bootstrap.sh", env={"VALKEY_SECRET": "shop-dev/valkey"}), "VALKEY_ADDRESS")
        self.fails(self.here(SCRIPTS / "bootstrap.sh", env={"CLUSTER": ""}), "say which cluster")
        self.fails(self.here(SCRIPTS / "bootstrap.sh", env={"KUBE_CONTEXT": "elsewhere"}), "does not answer")
        self.assertEqual(self.get("customresourcedefinitions")["items"], [])


class Sleep(Cluster):
    def setUp(self):
        super().setUp()
        for namespace in ("argocd", "shop", "keda"):
            self.namespace(namespace)
        self.workload("argocd", "argocd-application-controller", 1, kind="StatefulSet")
        self.workload("argocd", "argocd-server", 2)
        self.workload("keda", "keda-operator", 1)
        self.workload("shop", "gateway", 3)
        self.workload("shop", "list-products", 0)
        self.workload("kube-system", "coredns", 2)
        self.awake = self.replicas()

    def test_sleeps_and_wakes_as_before(self):
        done = self.succeeds(self.here(SCRIPTS / "suspend.sh", "suspend", "test"))
        asleep = self.replicas()
        self.assertEqual(asleep, {**dict.fromkeys(self.awake, 0), "coredns": 2})
        order = [line.split("/")[1].split(":")[0] for line in done.stderr.splitlines() if "→" in line]
        self.assertLess(max(order.index(name) for name in order if name.startswith("argocd")), order.index("keda-operator"), "Argo CD would undo the rest")
        self.assertLess(order.index("keda-operator"), order.index("gateway"), "a scaler would undo the rest")
        self.succeeds(self.here(SCRIPTS / "suspend.sh", "suspend", "test"))
        self.succeeds(self.here(SCRIPTS / "suspend.sh", "resume", "test"))
        self.assertEqual(self.replicas(), self.awake)
        for item in self.get("deployments,statefulsets", "--all-namespaces")["items"]:
            self.assertNotIn("shopfn.io/replicas-before-suspend", item["metadata"].get("annotations", {}))

    def test_a_run_cut_short_loses_no_number(self):
        # What a run leaves that was ended between writing the number down and scaling, and one after both.
        self.kubectl("-n", "shop", "annotate", "deployment/gateway", "shopfn.io/replicas-before-suspend=3")
        self.kubectl("-n", "keda", "annotate", "deployment/keda-operator", "shopfn.io/replicas-before-suspend=1")
        self.kubectl("-n", "keda", "scale", "deployment/keda-operator", "--replicas=0")
        self.succeeds(self.here(SCRIPTS / "suspend.sh", "suspend", "test"))
        self.succeeds(self.here(SCRIPTS / "suspend.sh", "resume", "test"))
        self.assertEqual(self.replicas(), self.awake)

    def test_an_empty_cluster_can_sleep_too(self):
        self.kubectl("delete", "deployments,statefulsets", "--all", "--all-namespaces")
        self.succeeds(self.here(SCRIPTS / "suspend.sh", "suspend", "test"))

    def test_bad_arguments(self):
        self.fails(self.here(SCRIPTS / "suspend.sh", "pause", "test"), "suspend and resume, not pause")


class Empty(Cluster):
    def test_removes_what_the_cluster_made_in_aws(self):
        for namespace in ("argocd", "shop", "observability"):
            self.namespace(namespace)
        self.workload("argocd", "argocd-application-controller", 1, kind="StatefulSet")
        self.workload("observability", "prometheus", 1)
        self.workload("shop", "gateway", 2)
        self.kubectl("apply", "-f", "-", stdin="""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, namespace: shop }
spec: { defaultBackend: { service: { name: gateway, port: { number: 80 } } } }
---
apiVersion: v1
kind: Service
metadata: { name: outside, namespace: shop }
spec: { type: LoadBalancer, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: inside, namespace: shop }
spec: { ports: [{ port: 80 }] }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: prometheus, namespace: observability }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 8Gi } } }
""")
        self.succeeds(self.here(SCRIPTS / "empty-cluster.sh", "test"))
        self.assertEqual(self.get("ingresses,persistentvolumeclaims", "--all-namespaces")["items"], [])
        services = [item["metadata"]["name"] for item in self.get("services", "-n", "shop")["items"]]
        self.assertEqual(services, ["inside"])
        self.assertEqual(self.replicas(), {"argocd-application-controller": 0, "prometheus": 0, "gateway": 2})

    def test_a_cluster_that_does_not_answer_is_said_so(self):
        self.fails(self.here(SCRIPTS / "empty-cluster.sh", "test", env={"KUBE_CONTEXT": "gone"}), "does not answer", "SKIP_CLUSTER=yes")


if __name__ == "__main__":
    unittest.main()
