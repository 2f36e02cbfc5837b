"""Every manifest below k8s/: it builds, its schema holds, and what Argo CD would make of it is what is meant."""

import functools
import json
import pathlib
import re
import shutil
import unittest

import jsonschema
import yaml

from support import PlatformTest, ROOT, SCRIPTS, require, run
import render_root  # found through support

VERSIONS = ["1.29", "1.30", "1.31", "1.32", "1.33", "1.34"]
REPOSITORY = "https://git.example.com/team/shop.git"
ARGO = json.loads((pathlib.Path(__file__).parent / "schemas" / "argocd.json").read_text(encoding="utf-8"))


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def kustomizations():
    """Folders that are built by themselves: everything with a kustomization that is no component."""
    found = []
    for path in sorted((ROOT / "k8s").rglob("kustomization.yaml")):
        if yaml.safe_load(path.read_text(encoding="utf-8")).get("kind") != "Component":
            found.append(path.parent)
    return found


def argo_mistakes(document):
    """What is wrong with one of Argo CD's own resources."""
    validator = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{document['kind']}", **ARGO})
    return [f"{document['kind']}/{document['metadata']['name']}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in validator.iter_errors(document)]


def keda_mistakes(document):
    """What is wrong with one of KEDA's resources, by models made from its CRDs."""
    from cloudcoil.models.keda import v1alpha1
    from pydantic import ValidationError
    model = getattr(v1alpha1, document["kind"], None)
    if model is None:
        return [f"KEDA knows no {document['kind']}"]
    try:
        model.model_validate(document)
    except ValidationError as error:
        return [f"{document['kind']}/{document['metadata']['name']}: {one['loc']}: {one['msg']}" for one in error.errors()]
    return []


def schema_mistakes(document):
    """What is wrong with a resource, by whoever defines its kind."""
    group = document["apiVersion"].split("/")[0]
    if group == "argoproj.io":
        return argo_mistakes(document)
    if group == "keda.sh":
        return keda_mistakes(document)
    if group in ("karpenter.sh", "eks.amazonaws.com"):
        return []  # checked by name in NodePools below: no schema of theirs is published as a package
    import kubernetes_validate
    mistakes = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            mistakes.append(f"{document['kind']}/{document['metadata']['name']} ({version}): {error.message}")
        except kubernetes_validate.SchemaNotFoundError as error:
            mistakes.append(str(error))
    return mistakes


@functools.cache
def built(folder):
    """What a kustomization builds, as text; once for all tests, as nothing changes meanwhile."""
    done = run("kubectl", "kustomize", folder)
    assert done.returncode == 0, f"{folder} does not build: {done.stderr}"
    return done.stdout


def shopfn():
    """The built command, if it is built."""
    path = ROOT / ".build/release/shopfn"
    return path if path.is_file() else None


class Manifests(PlatformTest):
    def setUp(self):
        super().setUp()
        require(self, "kubectl")

    def build(self, folder):
        return documents(built(folder))

    def test_every_kustomization_builds_and_is_valid(self):
        folders = kustomizations()
        self.assertGreaterEqual(len(folders), 8)
        for folder in folders:
            with self.subTest(folder=folder.relative_to(ROOT)):
                built = self.build(folder)
                self.assertTrue(built, "builds nothing")
                self.assertEqual([mistake for document in built for mistake in schema_mistakes(document)], [])

    def test_no_manifest_owns_the_number_of_pods(self):
        for folder in kustomizations():
            for document in self.build(folder):
                if document["kind"] == "Deployment" and document["metadata"]["labels"].get("app.kubernetes.io/component") == "worker":
                    self.assertNotIn("replicas", document["spec"], document["metadata"]["name"])

    def test_the_overlay_holds_the_functions_of_the_manifest_with_their_modules(self):
        functions = yaml.safe_load((ROOT / "functions.yaml").read_text(encoding="utf-8"))["functions"]
        folders = sorted((ROOT / "k8s/overlays/eks/functions").iterdir())
        self.assertEqual({folder.name for folder in folders}, set(functions), "run: shopfn render --output k8s")
        for folder in folders:
            deployment = next(item for item in self.build(folder) if item["kind"] == "Deployment")
            self.assertEqual(deployment["metadata"]["labels"]["shopfn.io/module"], functions[folder.name]["module"])
        local = {item["metadata"]["name"] for item in self.build(ROOT / "k8s/overlays/local") if item["kind"] == "Deployment"}
        self.assertLessEqual(set(functions), local)

    def test_what_is_committed_is_what_the_manifest_says(self):
        if shopfn() is None:
            self.skipTest("shopfn is not built; the Swift tests check the same")
        self.succeeds(run(shopfn(), "render", "--output", "k8s", "--check"))

    def test_printed_and_built_overlays_are_the_same(self):
        if shopfn() is None:
            self.skipTest("shopfn is not built")
        for overlay in ("local", "eks"):
            printed = documents(self.succeeds(run(shopfn(), "render", "--overlay", overlay)).stdout)
            folder = ROOT / "k8s/overlays" / overlay
            wanted = self.build(folder)
            if overlay == "eks":
                for function in sorted((folder / "functions").iterdir()):
                    wanted = wanted + self.build(function)
            key = lambda item: (item["kind"], item["metadata"]["name"])
            self.assertEqual(sorted(printed, key=key), sorted(wanted, key=key), overlay)

    def test_what_keda_scales_is_valid(self):
        if shopfn() is None:
            self.skipTest("shopfn is not built")
        text = self.succeeds(run(shopfn(), "render", "--scaler", "keda", "--overlay", "eks", "--domain", "shop.example.org")).stdout
        items = documents(text)
        self.assertEqual([mistake for item in items for mistake in schema_mistakes(item)], [])
        functions = yaml.safe_load((ROOT / "functions.yaml").read_text(encoding="utf-8"))["functions"]
        scaled = {item["metadata"]["name"]: item for item in items if item["kind"] == "ScaledObject"}
        self.assertEqual(set(scaled), set(functions))
        self.assertNotIn("autoscaler", {item["metadata"]["name"] for item in items})
        ingress = next(item for item in items if item["kind"] == "Ingress")
        self.assertEqual(ingress["spec"]["rules"][0]["host"], "shop.example.org")

    def pods(self):
        """Every pod of every overlay, by the name of what makes it."""
        folders = [ROOT / "k8s/overlays/local", ROOT / "k8s/overlays/eks", *(ROOT / "k8s/overlays/eks/functions").iterdir()]
        for folder in folders:
            for item in self.build(folder):
                if item["kind"] in ("Deployment", "StatefulSet"):
                    yield item["metadata"]["name"], item["spec"]["template"]["spec"]

    def test_every_pod_keeps_to_the_restricted_standard(self):
        for name, pod in self.pods():
            with self.subTest(pod=name):
                security = pod["securityContext"]
                self.assertTrue(security["runAsNonRoot"])
                self.assertGreater(security["runAsUser"], 0)
                self.assertEqual(security["seccompProfile"], {"type": "RuntimeDefault"})
                for container in pod["containers"]:
                    self.assertEqual(container["securityContext"], {
                        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})
                    self.assertIn("memory", container["resources"]["limits"])
                    self.assertIn("cpu", container["resources"]["requests"])

    def test_only_the_autoscaler_may_ask_kubernetes(self):
        for name, pod in self.pods():
            self.assertEqual(pod["automountServiceAccountToken"], name == "autoscaler", name)
        items = self.build(ROOT / "k8s/overlays/eks")
        roles = [item for item in items if item["kind"] in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")]
        self.assertEqual({(item["kind"], item["metadata"]["name"]) for item in roles}, {("Role", "autoscaler"), ("RoleBinding", "autoscaler")})
        rules = next(item for item in roles if item["kind"] == "Role")["rules"]
        written = {resource for rule in rules for resource in rule["resources"] if set(rule["verbs"]) & {"create", "update", "patch", "delete"}}
        self.assertEqual(written, {"deployments/scale", "pods", "events", "leases", "configmaps"})
        self.assertFalse([rule for rule in rules if "*" in json.dumps(rule) or "delete" in rule["verbs"]])

    def test_nobody_is_reached_who_is_not_meant_to_be(self):
        for overlay in ("local", "eks"):
            policies = {item["metadata"]["name"]: item["spec"] for item in self.build(ROOT / "k8s/overlays" / overlay) if item["kind"] == "NetworkPolicy"}
            default = policies["deny-by-default"]
            self.assertEqual(default["podSelector"], {})
            self.assertEqual(set(default["policyTypes"]), {"Ingress", "Egress"})
            self.assertNotIn("ingress", default)
            self.assertEqual({port["port"] for rule in default["egress"] for port in rule["ports"]}, {53})
            # Workers are reached by nobody: no policy that chooses them lets anything in.
            for name, spec in policies.items():
                if spec["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/component") == "worker":
                    self.assertNotIn("ingress", spec, name)

    def test_the_load_balancer_alone_asks_for_health_from_outside(self):
        """From the public subnets of the VPC that terraform/ makes by default, and nowhere else."""
        environment = (ROOT / "terraform/tests/environment.tftest.hcl").read_text(encoding="utf-8")
        public = re.search(r'output\.load_balancer_ranges == "([^"]*)"', environment).group(1).split(",")
        outside = [
            (block["ipBlock"]["cidr"], [port["port"] for port in rule["ports"]])
            for item in self.build(ROOT / "k8s/overlays/eks") if item["kind"] == "NetworkPolicy"
            for rule in item["spec"].get("ingress", []) for block in rule.get("from", []) if "ipBlock" in block]
        self.assertEqual(outside, [(cidr, [9090]) for cidr in public])
        if shopfn() is None:
            self.skipTest("shopfn is not built")
        text = self.succeeds(run(shopfn(), "render", "--overlay", "eks", "--load-balancer", "10.1.2.0/24")).stdout
        policy = next(item for item in documents(text) if item["metadata"]["name"] == "load-balancer-checks-health")
        self.assertEqual(policy["spec"]["ingress"][0]["from"], [{"ipBlock": {"cidr": "10.1.2.0/24"}}])
        for wrong in ("", "10.1.2.0", "10.1.2.0/33", "10.1.2.3/24", "10.1.2.0/24,", "10.01.2.0/24", "::/0"):
            done = run(shopfn(), "render", "--overlay", "eks", "--load-balancer", wrong)
            self.assertEqual(done.returncode, 2, wrong)
            self.assertIn("no list of IPv4 ranges", done.stderr, wrong)

    def test_gateways_survive_a_node_and_a_zone(self):
        items = self.build(ROOT / "k8s/overlays/eks")
        gateway = next(item for item in items if item["kind"] == "Deployment" and item["metadata"]["name"] == "gateway")
        self.assertGreaterEqual(gateway["spec"]["replicas"], 2)
        pod = gateway["spec"]["template"]["spec"]
        self.assertEqual(pod["topologySpreadConstraints"][0]["topologyKey"], "topology.kubernetes.io/zone")
        self.assertTrue(pod["affinity"]["podAntiAffinity"])
        budgets = {item["metadata"]["name"]: item["spec"] for item in items if item["kind"] == "PodDisruptionBudget"}
        self.assertEqual(budgets["gateway"]["maxUnavailable"], 1)
        ingress = next(item for item in items if item["kind"] == "Ingress")
        self.assertEqual(ingress["spec"]["ingressClassName"], "alb")
        annotations = ingress["metadata"]["annotations"]
        self.assertEqual(annotations["alb.ingress.kubernetes.io/target-type"], "ip")
        self.assertEqual(annotations["alb.ingress.kubernetes.io/healthcheck-path"], "/readyz")
        headless = next(item for item in items if item["kind"] == "Service" and item["metadata"]["name"] == "gateways")
        self.assertEqual((headless["spec"]["clusterIP"], headless["spec"]["publishNotReadyAddresses"]), ("None", True))

    def test_checkov_finds_nothing_that_is_not_accounted_for(self):
        tool = ROOT / ".tools/platform/checkov/bin/checkov"
        if not tool.is_file():
            self.skipTest("checkov is not installed: scripts/platform/tools.sh checkov")
        for name in ("local", "eks"):
            (self.folder / f"{name}.yaml").write_text(built(ROOT / "k8s/overlays" / name), encoding="utf-8")
        done = run(tool, "--directory", self.folder, "--framework", "kubernetes", "--compact", "--skip-download",
                   "--output", "json")  # not --quiet, which leaves the skips out
        report = json.loads(done.stdout)
        self.assertEqual([f"{check['check_id']} {check['resource']}" for check in report["results"]["failed_checks"]], [])
        # A skip without its reason would be a switch turned off in the dark.
        for check in report["results"]["skipped_checks"]:
            self.assertGreater(len(check["check_result"]["suppress_comment"]), 20, check["check_id"])

    def test_every_image_of_the_overlay_can_be_set_by_its_module(self):
        for folder in sorted((ROOT / "k8s/overlays/eks/functions").iterdir()):
            for document in self.build(folder):
                if document["kind"] == "Deployment":
                    module = document["metadata"]["labels"]["shopfn.io/module"]
                    image = document["spec"]["template"]["spec"]["containers"][0]["image"]
                    component = yaml.safe_load((ROOT / f"k8s/overlays/eks/images/{module}/kustomization.yaml").read_text(encoding="utf-8"))
                    self.assertTrue(image.startswith(component["images"][0]["newName"]), f"{folder.name} does not take the image of {module}")

    def test_the_checks_find_mistakes(self):
        deployment = self.build(ROOT / "k8s/overlays/eks/functions/get-product")[0]
        self.assertEqual(schema_mistakes(deployment), [])
        deployment["spec"]["template"]["spec"]["containers"][0]["imag"] = "x"
        self.assertTrue(schema_mistakes(deployment))
        scaled = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "x"},
                  "spec": {"scaleTargetRef": {"name": "x"}, "minReplicaCount": 0,
                           "triggers": [{"type": "external-push", "metadata": {"scalerAddress": "autoscaler.shop:9091"}}]}}
        self.assertEqual(schema_mistakes(scaled), [])
        scaled["spec"]["triggers"] = "external-push"
        self.assertTrue(schema_mistakes(scaled))
        application = self.build(ROOT / "k8s/argocd/apps")[-1]
        application["spec"]["syncPolicy"] = {"automated": {"selfheal": True}}
        self.assertTrue(schema_mistakes(application))


class NodePools(PlatformTest):
    def test_the_pool_can_go_to_zero_and_has_a_ceiling(self):
        pool = yaml.safe_load((ROOT / "k8s/platform/eks/node-pool.yaml").read_text(encoding="utf-8"))
        self.assertIn("cpu", pool["spec"]["limits"], "without a ceiling a loop could buy nodes without end")
        self.assertEqual(pool["spec"]["disruption"]["consolidationPolicy"], "WhenEmptyOrUnderutilized")
        keys = {requirement["key"] for requirement in pool["spec"]["template"]["spec"]["requirements"]}
        self.assertLessEqual(keys, {"kubernetes.io/arch", "karpenter.sh/capacity-type", "node.kubernetes.io/instance-type"})


class Delivery(PlatformTest):
    """What Argo CD makes of k8s/argocd, played with the root Application that bootstrap applies."""

    def setUp(self):
        super().setUp()
        require(self, "kubectl")

    def children(self, **options):
        """k8s/argocd/apps built with the kustomize options of the root Application, as Argo CD does it."""
        root = render_root.root(REPOSITORY, options.get("revision", "main"), options.get("domain"))
        source = next(item for item in root["items"] if item["kind"] == "Application")["spec"]["source"]
        shutil.copytree(ROOT / "k8s", self.folder / "k8s", dirs_exist_ok=True)
        path = self.folder / source["path"] / "kustomization.yaml"
        kustomization = yaml.safe_load(path.read_text(encoding="utf-8"))
        kustomization.update(source["kustomize"])
        path.write_text(yaml.safe_dump(kustomization), encoding="utf-8")
        built = documents(self.succeeds(run("kubectl", "kustomize", path.parent)).stdout)
        return {(item["kind"], item["metadata"]["name"]): item for item in built}

    def functions(self, children):
        """The Applications that the ApplicationSet makes, one for each folder its generator matches."""
        applications = []
        definition = children["ApplicationSet", "functions"]["spec"]
        pattern = definition["generators"][0]["git"]["directories"][0]["path"]
        for folder in sorted(ROOT.glob(pattern)):
            text = json.dumps(definition["template"])
            text = text.replace("{{.path.basename}}", folder.name).replace("{{.path.path}}", str(folder.relative_to(ROOT)))
            self.assertNotIn("{{", text, "a template that nothing fills")
            applications.append({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", **json.loads(text)})
        return applications

    def test_nothing_but_argo_cds_resources_comes_from_the_root(self):
        root = render_root.root(REPOSITORY, "main")
        allowed = {(entry["group"], entry["kind"]) for entry in root["items"][0]["spec"]["namespaceResourceWhitelist"]}
        for (kind, name), item in self.children().items():
            group = item["apiVersion"].split("/")[0] if "/" in item["apiVersion"] else ""
            self.assertIn((group, kind), allowed, name)
            self.assertEqual(item["metadata"]["namespace"], "argocd")
        self.assertEqual([mistake for item in root["items"] for mistake in schema_mistakes(item)], [])

    def test_the_stand_in_for_the_repository_is_replaced_everywhere(self):
        children = self.children(revision="release-1", domain="shop.example.org")
        text = json.dumps(list(children.values()))
        self.assertNotIn("github.com/example", text)
        self.assertNotIn('"main"', text)
        self.assertEqual(children["Application", "external-dns"]["spec"]["source"]["helm"]["valuesObject"]["domainFilters"], ["shop.example.org"])
        self.assertEqual([mistake for item in children.values() if item["kind"] != "ConfigMap" for mistake in schema_mistakes(item)], [])

    def test_without_a_domain_nobody_touches_dns(self):
        self.assertNotIn(("Application", "external-dns"), self.children())

    def test_an_application_for_each_function(self):
        applications = self.functions(self.children())
        self.assertEqual({item["metadata"]["name"] for item in applications},
                         {f"function-{path.name}" for path in (ROOT / "k8s/overlays/eks/functions").iterdir()})
        for item in applications:
            self.assertEqual(schema_mistakes(item), [])
            self.assertTrue((ROOT / item["spec"]["source"]["path"] / "kustomization.yaml").is_file())

    def test_every_application_heals_prunes_and_stays_within_its_project(self):
        children = self.children(domain="shop.example.org")
        applications = [item for (kind, _), item in children.items() if kind == "Application"] + self.functions(children)
        self.assertGreaterEqual(len(applications), 9)
        for item in applications:
            name, spec = item["metadata"]["name"], item["spec"]
            self.assertEqual(spec["syncPolicy"]["automated"], {"prune": True, "selfHeal": True}, name)
            project = children["AppProject", spec["project"]]["spec"]
            self.assertIn(spec["source"]["repoURL"], project["sourceRepos"], name)
            self.assertIn(spec["destination"], project["destinations"], name)
            self.assertNotEqual(spec["project"], "default", name)

    def test_projects_admit_what_their_applications_bring(self):
        """The cluster-wide kinds of this repository's Applications; charts are not here to be built."""
        children = self.children()
        applications = [children["Application", name] for name in render_root.OWN_APPLICATIONS] + self.functions(children)
        admitted = {(entry["group"], entry["kind"]) for entry in children["AppProject", "shop"]["spec"]["clusterResourceWhitelist"]}
        namespaces = {entry["namespace"] for entry in children["AppProject", "shop"]["spec"]["destinations"]}
        for application in applications:
            for item in documents(self.succeeds(run("kubectl", "kustomize", ROOT / application["spec"]["source"]["path"])).stdout):
                group = item["apiVersion"].split("/")[0] if "/" in item["apiVersion"] else ""
                if "namespace" in item["metadata"]:
                    self.assertIn(item["metadata"]["namespace"], namespaces)
                else:
                    self.assertIn((group, item["kind"]), admitted, application["metadata"]["name"])

    def test_projects_limit_sources_and_destinations(self):
        for (kind, name), item in self.children().items():
            if kind == "AppProject":
                text = json.dumps({key: item["spec"].get(key) for key in ("sourceRepos", "destinations", "clusterResourceWhitelist")})
                self.assertNotIn("*", text, name)

    def test_a_scalers_replicas_are_left_to_it(self):
        children = self.children()
        for item in [children["Application", "shop"], *self.functions(children)]:
            self.assertIn({"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}, item["spec"]["ignoreDifferences"])
            self.assertIn("RespectIgnoreDifferences=true", item["spec"]["syncPolicy"]["syncOptions"], "else a sync would still write them")

    def test_charts_are_pinned_to_one_version(self):
        charts = [item["spec"]["source"] for (kind, _), item in self.children(domain="a.example.org").items()
                  if kind == "Application" and "chart" in item["spec"]["source"]]
        self.assertEqual({chart["chart"] for chart in charts}, {"keda", "jaeger", "opentelemetry-collector", "prometheus", "external-dns"})
        for chart in charts:
            self.assertRegex(chart["targetRevision"], re.compile(r"^\d+\.\d+\.\d+$"))

    def test_waves_bring_what_is_needed_before_what_needs_it(self):
        waves = {name: int(item["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", 0))
                 for (_, name), item in self.children().items()}
        for before, after in [("argocd-cm", "platform"), ("platform", "keda"), ("nodes-and-volumes", "prometheus"), ("keda", "functions")]:
            self.assertLess(waves[before], waves[after], f"{before} before {after}")


if __name__ == "__main__":
    unittest.main()
