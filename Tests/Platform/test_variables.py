"""Terraform's variables: each that can be wrong is refused, and each sentence that refuses one is seen here.

A module's variables.tf is planned by itself, without its resources: that needs no provider, and shows every message.
"""

import json
import re
import shutil
import unittest

import yaml

from support import PlatformTest, ROOT, require, run

TERRAFORM = ROOT / "terraform"
VARIABLE = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
SENTENCE = re.compile(r'error_message = "((?:[^"\\]|\\.)*)"')

BOUNDARY = {"permissions_boundary": "shop-boundary"}
WORKLOAD = {"namespace": "shop", "service_account": "a", "method": "irsa",
            "statements": [{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"]}]}
SCHEDULE = {"action": "suspend", "cron": "cron(0 20 ? * MON-FRI *)", "timezone": "Europe/Berlin", "repository": "https://github.com/example/shop.git",
            "ref": "main", "state_bucket": "shop-state", "environment": "dev", "policy_arns": ["arn:aws:iam::123456789012:policy/shop-environment"]}


def schedule(**wrong):
    return {"schedule": {**SCHEDULE, **wrong}}


def workload(**wrong):
    return {"workloads": {"a": {**WORKLOAD, **wrong}}}


def statement(action, resource):
    return workload(statements=[{"actions": [action], "resources": [resource]}])


# Each module: values that are right, and sets of wrong ones. A variable with several rules needs several sets.
MODULES = {
    ".": (
        {"api_allowed_cidrs": [], "admins": []},
        [{"name": "Shop", "environment": "Production!", "region": "Frankfurt", **BOUNDARY, "state": {"kind": "redis"}},
         {"environment": "deliver"}],
    ),
    "bootstrap": (
        {"repository": "example/shop", "lock": "dynamodb"},
        [{"name": "s", "region": "us", "state_bucket": "Shop_State", "lock": "file", "repository": "example/*", "branch": "rel*",
          "github_environment": "a b", "github_provider_arn": "arn:aws:iam::123456789012:oidc-provider/example.com"}],
    ),
    "modules/budget": (
        {"name": "shop-test", "monthly_limit": 150, "emails": ["ops@example.com"], "schedule": SCHEDULE},
        [{"name": "Shop", "monthly_limit": 0, "emails": [], **BOUNDARY, **schedule(action="stop")},
         {"emails": ["ops"], **schedule(cron="0 20 * * *")},
         schedule(timezone="Central European Time"), schedule(ref="a b"), schedule(state_bucket="Shop_State"), schedule(environment="Dev"),
         schedule(repository="git@github.com:example/shop.git"), schedule(policy_arns=[]), schedule(policy_arns=["AdministratorAccess"]),
         schedule(shop="Shop"), schedule(state_region="Frankfurt")],
    ),
    "modules/cluster": (
        {"name": "shop-test", "kubernetes_version": "1.33", "subnet_ids": ["a", "b"], "api_allowed_cidrs": ["203.0.113.7/32"],
         "admins": ["arn:aws:iam::123456789012:role/operator"], "addons": {"metrics-server": None}, **{"permissions_boundary": "arn:aws:iam::123456789012:policy/b"}},
        [{"name": "-shop", "kubernetes_version": "1.33.1", "subnet_ids": ["a"], "api_allowed_cidrs": ["anywhere"], "admins": ["root"], "deployers": ["*"],
          "deployer_namespaces": [], "node_pools": ["gpu"], "log_types": ["all"], "log_days": 4, "addons": {"metrics-server": "latest"},
          "key_deletion_days": 7.5, **BOUNDARY},
         {"api_allowed_cidrs": ["0.0.0.0/0"], "node_pools": [], "key_deletion_days": 3}],
    ),
    "modules/dns": (
        {"domain": "shop.example.com", "zone_id": None, "alternative_names": ["*.shop.example.com"]},
        [{"domain": "https://shop", "zone_id": "shop.example.com", "alternative_names": ["*"]}],
    ),
    "modules/events": (
        {"name": "shop-test", "vpc_id": "vpc-1", "subnet_ids": ["a", "b"], "client_security_group_id": "sg-1"},
        [{"name": "shop test", "vpc_id": "10.0.0.0/16", "subnet_ids": ["a"], "client_security_group_id": "default", "topic_prefix": ""}],
    ),
    "modules/identity/github": (
        {"name": "shop", "repository": "example/shop", "resource_prefix": "shop", "state_bucket_arn": "arn:aws:s3:::shop-state"},
        [{"name": "S", "repository": "*/*", "branch": "*", "environment": "a b", "provider_arn": "github", "resource_prefix": "*",
          "state_bucket_arn": "shop-state", "lock_table_arn": "lock"}],
    ),
    "modules/identity/pods": (
        {"name": "shop-test", "cluster_name": "shop-test", "oidc_provider_arn": "arn:aws:iam::123456789012:oidc-provider/oidc.eks.x", "oidc_issuer": "oidc.eks.x",
         "workloads": {"a": WORKLOAD}},
        [{"name": "Shop", "cluster_name": "", "oidc_provider_arn": "oidc", "oidc_issuer": "https://oidc.eks.x", **BOUNDARY, **workload(method="key")},
         workload(statements=[]), statement("*", "arn:aws:s3:::b"), statement("s3:*", "arn:aws:s3:::b"), statement("s3:PutObject", "*"),
         {"workloads": {"a": WORKLOAD, "b": WORKLOAD}}],
    ),
    "modules/network": (
        {"name": "shop-test", "cidr": "10.20.0.0/16", "zone_count": 2, "endpoint_zone_count": 2, "interface_endpoints": ["sts"]},
        [{"name": "shop_test", "cidr": "10.20.0.0/24", "zone_count": 4, "nat": "two", "interface_endpoints": ["s3"], "endpoint_zone_count": 1.5,
          "flow_log_days": 2, **BOUNDARY},
         {"cidr": "10.20.3.4/16", "zone_count": 1}, {"cidr": "fd00::/16"}],
    ),
    "modules/registry": (
        {"prefix": "shop-test", "modules": ["catalog"]},
        [{"prefix": "Shop", "modules": [], "keep_images": 1}, {"modules": ["Catalog"], "keep_images": 2.5}],
    ),
    "modules/state": (
        {"name": "shop-test", "vpc_id": "vpc-1", "subnet_ids": ["a", "b"], "client_security_group_id": "sg-1"},
        [{"name": "Shop", "kind": "redis", "vpc_id": "vpc", "subnet_ids": ["a"], "client_security_group_id": "default", "key_prefix": "*",
          "serverless_limits": {"gigabytes": 0, "units_per_second": 5000}, "node_type": "t4g.micro", "replicas": 1.5, "snapshot_days": 36,
          "secret_recovery_days": 2},
         {"serverless_limits": {"gigabytes": 1, "units_per_second": 10}, "replicas": 6, "snapshot_days": 0.5}],
    ),
}


def variables(module):
    """{name: its block} of a module."""
    return dict(VARIABLE.findall((TERRAFORM / module / "variables.tf").read_text(encoding="utf-8")))


def sentences(block):
    return [json.loads(f'"{text}"') for text in SENTENCE.findall(block)]


class Variables(PlatformTest):
    def setUp(self):
        super().setUp()
        require(self, "terraform")

    def refused(self, module, values):
        """What Terraform says to values of a module's variables: the details of its errors."""
        folder = self.folder / "module"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(TERRAFORM / module / "variables.tf", folder)
        (folder / "values.tfvars.json").write_text(json.dumps(values), encoding="utf-8")
        done = run("terraform", "plan", "-input=false", "-json", "-var-file=values.tfvars.json", cwd=folder, timeout=120)
        details = [message["diagnostic"]["detail"] for message in map(json.loads, done.stdout.splitlines())
                   if message.get("@level") == "error" and "diagnostic" in message]
        self.assertEqual(bool(details), done.returncode != 0, f"{module}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return details

    def test_every_wrong_value_is_refused_and_every_sentence_is_seen(self):
        for module, (right, wrongs) in MODULES.items():
            with self.subTest(module=module):
                self.assertEqual(self.refused(module, right), [], "values that are right")
                everything = ""
                for wrong in wrongs:
                    said = "\n".join(self.refused(module, {**right, **wrong}))
                    for name, value in wrong.items():
                        self.assertIn(name, said, f"{value!r} is taken")
                    everything += said
                for name, block in variables(module).items():
                    for sentence in sentences(block):
                        self.assertIn(sentence, everything, f"no wrong value of {name} is refused so")
                        self.assertIn(name, sentence, "a message that does not name what to change")


class Rules(unittest.TestCase):
    def test_every_module_is_here(self):
        self.assertEqual(set(MODULES), {str(path.parent.relative_to(TERRAFORM)) for path in TERRAFORM.rglob("variables.tf") if ".terraform" not in path.parts})

    def test_every_variable_is_typed_described_and_checked(self):
        """A variable of a root may leave its check to the module that it is handed to."""
        handed = set(re.findall(r"=\s*var\.(\w+)", (TERRAFORM / "main.tf").read_text(encoding="utf-8")))
        for module in MODULES:
            for name, block in variables(module).items():
                kind = re.search(r"^  type\s*= (\S+)", block, re.MULTILINE)
                self.assertIsNotNone(kind, f"{module}: {name} has no type")
                self.assertRegex(block, r"(?m)^  description\s*= \S", f"{module}: {name} has no description")
                if kind[1] != "bool" and not (module == "." and name in handed | {"alternative_names", "pod_identity", "budget"}):
                    self.assertTrue(sentences(block), f"{module}: {name} takes anything")

    def test_a_variables_check_looks_at_itself_alone(self):
        """Versions of OpenTofu load no configuration where it looks at another; preconditions do that."""
        for module in MODULES:
            for name, block in variables(module).items():
                self.assertLessEqual(set(re.findall(r"\bvar\.(\w+)", block)), {name}, f"{module}: {name}")

    def test_every_module_of_the_functions_has_a_repository(self):
        functions = yaml.safe_load((ROOT / "functions.yaml").read_text(encoding="utf-8"))["functions"]
        images = re.search(r"default\s*= (\[.*\])", variables(".")["images"])[1]
        self.assertEqual(set(json.loads(images)), {function["module"] for function in functions.values()} | {"shopfn"})

    def test_every_output_is_described(self):
        for path in TERRAFORM.rglob("outputs.tf"):
            for name, block in re.findall(r'^output "(\w+)" \{\n(.*?)^\}', path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
                self.assertRegex(block, r"(?m)^  description\s*= \S", f"{path}: {name}")


if __name__ == "__main__":
    unittest.main()
