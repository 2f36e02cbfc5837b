"""Every manifest below k8s/: it builds, its schema holds, and what Argo CD would make of it is what is meant."""

import json
import pathlib
import re
import shutil
import unittest

import jsonschema
import yaml

from support import PlatformTest, ROOT, SCRIPTS, require, run
import render_root  # found through support

VERSIONS = ["1.29", "1.34"]
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


class Manifests(PlatformTest):
    def setUp(self):
        super().setUp()
        require(self, "kubectl")

    def build(self, folder):
        return documents(self.succeeds(run("kubectl", "kustomize", folder)).stdout)

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

    def test_the_overlay_holds_functions_of_the_manifest_with_their_modules(self):
        declared = ROOT / "functions.yaml"
        if not declared.is_file():
            self.skipTest("there is no functions.yaml yet")
        functions = yaml.safe_load(declared.read_text(encoding="utf-8"))["functions"]
        for folder in sorted((ROOT / "k8s/overlays/eks/functions").iterdir()):
            self.assertIn(folder.name, functions, "a function on the cluster that functions.yaml does not declare")
            deployment = next(item for item in self.build(folder) if item["kind"] == "Deployment")
            self.assertEqual(deployment["metadata"]["labels"]["shopfn.io/module"], functions[folder.name]["module"])
        missing = set(functions) - {path.name for path in (ROOT / "k8s/overlays/eks/functions").iterdir()}
        if missing:
            self.skipTest(f"declared in functions.yaml, and not on the cluster yet: {', '.join(sorted(missing))}")

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
