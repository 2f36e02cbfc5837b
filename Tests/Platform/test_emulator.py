"""Both root configurations against an emulator of AWS: applied, applied again without a change, destroyed, nothing left.

What the emulator (moto) does not know is left out here, and covered with a mocked provider in terraform/tests:

  ElastiCache with its users             user groups, serverless caches
  AWS Budgets                            no such service
  EKS access entries, add-ons,           not implemented
  Pod Identity associations
  MSK Serverless                         no such service

It also forgets some of what it is told about a cluster, see FORGOTTEN below.
"""

import json
import os
import shutil
import unittest

from support import PlatformTest, ROOT, SCRIPTS, answers, free_port, require, run, wait_for
import estimate  # found through support

# The emulator does not answer with these arguments of CreateCluster, so that Terraform would see a difference where a
# real account shows none. Everything else of the cluster is compared.
FORGOTTEN = ["access_config", "compute_config", "kubernetes_network_config", "storage_config", "upgrade_policy", "vpc_config"]

CHOICES = """
api_allowed_cidrs   = ["203.0.113.7/32"]
admins              = []
ephemeral           = true
state               = { kind = "none" }
pod_identity        = "irsa"
nat                 = "single"
interface_endpoints = ["ecr.api", "ecr.dkr", "sts", "logs"]
flow_log_days       = 7
domain              = "shop.example.com"
budget = {
  monthly_limit = 200
  emails        = ["ops@example.com"]
  schedule = {
    action       = "destroy"
    cron         = "cron(0 20 ? * MON-FRI *)"
    repository   = "https://github.com/example/shop.git"
    state_bucket = "shop-state"
    policy_arns  = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  }
}
# Waiting for the certificate takes half a minute of polling and nothing else.
wait_for_certificate = false
"""


class Emulated(PlatformTest):
    """A test with an emulator of its own."""

    def setUp(self):
        super().setUp()
        require(self, "aws", "moto_server")
        port = free_port()
        server = self.start("moto_server", "-H", "127.0.0.1", "-p", port, env={"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"})
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/moto-api/"), 60, "the emulator answers", server)
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
            "REMAINING_SECONDS": "2",
        }

    def run_here(self, *command, **more):
        return run(*command, env={**self.environment, **more.pop("env", {})}, timeout=900, **more)

    def aws(self, *arguments):
        return self.succeeds(self.run_here("aws", "--output", "json", *arguments))


class Remaining(Emulated):
    """What counts as left over, and what only looks so."""

    def made(self, *arguments):
        return json.loads(self.aws(*arguments).stdout)

    def test_what_waits_out_its_deletion_is_gone_and_the_rest_is_named(self):
        tag = ["--tags", "TagKey=shopfn:environment,TagValue=shop-dev"]
        key = self.made("kms", "create-key", *tag)["KeyMetadata"]["KeyId"]
        self.aws("kms", "schedule-key-deletion", "--key-id", key, "--pending-window-in-days", "7")
        self.aws("secretsmanager", "create-secret", "--name", "shop-dev/valkey", "--secret-string", "x", "--tags", "Key=shopfn:environment,Value=shop-dev")
        self.aws("secretsmanager", "delete-secret", "--secret-id", "shop-dev/valkey", "--recovery-window-in-days", "7")
        self.assertIn("nothing is left", self.succeeds(self.run_here(SCRIPTS / "remaining.sh", "shop-dev")).stderr)

        node = self.made("ec2", "run-instances", "--image-id", "ami-12c6146b", "--instance-type", "t3.micro", "--tag-specifications",
                         "ResourceType=instance,Tags=[{Key=kubernetes.io/cluster/shop-dev,Value=owned}]")["Instances"][0]["InstanceId"]
        volume = self.made("ec2", "create-volume", "--size", "8", "--availability-zone", "us-east-1a", "--tag-specifications",
                           "ResourceType=volume,Tags=[{Key=eks:eks-cluster-name,Value=shop-dev}]")["VolumeId"]
        other = self.made("ec2", "create-volume", "--size", "8", "--availability-zone", "us-east-1a", "--tag-specifications",
                          "ResourceType=volume,Tags=[{Key=eks:eks-cluster-name,Value=shop-prod}]")["VolumeId"]
        key = self.made("kms", "create-key", *tag)["KeyMetadata"]["KeyId"]
        done = self.fails(self.run_here(SCRIPTS / "remaining.sh", "shop-dev"), node, volume, key)
        self.assertNotIn(other, done.stderr, "another environment's")

        self.aws("ec2", "terminate-instances", "--instance-ids", node)
        self.aws("ec2", "delete-volume", "--volume-id", volume)
        self.aws("kms", "schedule-key-deletion", "--key-id", key)
        self.assertIn("nothing is left", self.succeeds(self.run_here(SCRIPTS / "remaining.sh", "shop-dev")).stderr)


class Emulator(Emulated):
    def setUp(self):
        super().setUp()
        require(self, "terraform", "git")
        self.environment.update({
            "CONFIRM": "yes", "SKIP_CLUSTER": "yes", "ENVIRONMENT": "dev", "TF_IN_AUTOMATION": "1",
            "TERRAFORM_DIR": str(self.folder / "terraform"), "BACKEND_CONFIG": str(self.folder / "backend.hcl"),
        })
        # A bucket is addressed by path, as the emulator's one address needs it.
        (self.folder / "backend.hcl").write_text("use_path_style = true\nskip_requesting_account_id = true\n", encoding="utf-8")
        shutil.copytree(ROOT / "terraform", self.folder / "terraform",
                        ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "tests", "backend_override.tf", ".terraform.lock.hcl"))
        override = 'provider "aws" {\n  s3_use_path_style = true\n}\n'
        for configuration in ("", "bootstrap"):
            (self.folder / "terraform" / configuration / "emulator_override.tf").write_text(override, encoding="utf-8")
        (self.folder / "terraform/modules/cluster/emulator_override.tf").write_text(
            f'resource "aws_eks_cluster" "this" {{\n  lifecycle {{\n    ignore_changes = [{", ".join(FORGOTTEN)}]\n  }}\n}}\n', encoding="utf-8")
        # What this emulator lacks of what the choices below ask for.
        (self.folder / "terraform/modules/budget/emulator_override.tf").write_text('resource "aws_budgets_budget" "this" {\n  count = 0\n}\n', encoding="utf-8")
        with open(self.folder / "terraform/emulator_override.tf", "a", encoding="utf-8") as file:
            for kind in ("aws_eks_access_entry", "aws_eks_access_policy_association"):
                file.write(f'resource "{kind}" "clock" {{\n  count = 0\n}}\n')
        (self.folder / "terraform/environments/dev.tfvars").write_text(CHOICES, encoding="utf-8")

    def terraform(self, configuration, *arguments):
        return self.run_here("terraform", *arguments, cwd=self.folder / "terraform" / configuration)

    def initialise_bootstrap(self):
        script = f'source {SCRIPTS}/lib.sh; TF=terraform; terraform_init {self.folder}/terraform/bootstrap'
        return self.succeeds(self.run_here("bash", "-c", script))

    def test_an_account_and_an_environment_come_and_go(self):
        # What is applied once an account.
        self.initialise_bootstrap()
        # Locked by a table: a lock file leaves a delete marker in the bucket, over which this emulator stumbles when the
        # bucket is emptied. The lock file is tried below, in a bucket that stays.
        once = ["-input=false", "-no-color", "-var=repository=example/shop", "-var=force_destroy=true", "-var=lock=dynamodb"]
        self.succeeds(self.terraform("bootstrap", "apply", "-auto-approve", *once))
        self.assertEqual(self.terraform("bootstrap", "plan", "-detailed-exitcode", *once).returncode, 0, "a second apply would change something")
        outputs = json.loads(self.succeeds(self.terraform("bootstrap", "output", "-json")).stdout)
        bucket = outputs["state_bucket"]["value"]
        self.environment.update(STATE_BUCKET=bucket, LOCK_TABLE=outputs["lock_table"]["value"])

        # The emulator speaks plain HTTP, which the bucket's policy denies: seen to hold, then taken away.
        self.fails(self.run_here("aws", "s3api", "head-object", "--bucket", bucket, "--key", "any"), "403")
        self.aws("s3api", "delete-bucket-policy", "--bucket", bucket)

        # The default environment is only planned, since the emulator has no ElastiCache: what it would bill is what
        # docs/cost.md says.
        shown = self.plan_of_the_default()
        quantities, unknown = estimate.counts(estimate.resources(shown, saved=False), 1)
        self.assertEqual(quantities, estimate.DEFAULT)
        self.assertEqual(unknown, [])

        # up, and up again without a change.
        up = self.succeeds(self.run_here(SCRIPTS / "environment.sh", "up"))
        self.assertIn("Monthly estimate", up.stdout)
        self.assertNotIn("not estimated", up.stdout)
        again = self.terraform("", "plan", "-detailed-exitcode", "-input=false", "-no-color", "-var-file=environments/dev.tfvars")
        self.assertEqual(again.returncode, 0, f"a second apply would change something:\n{again.stdout[-3000:]}")
        states = json.loads(self.aws("s3api", "list-objects-v2", "--bucket", bucket).stdout)["Contents"]
        self.assertEqual([state["Key"] for state in states], ["environments/shop-dev.tfstate"], "the state, and nothing else, is in the bucket")
        self.assertEqual(self.succeeds(self.run_here(SCRIPTS / "ephemeral.sh", "--list")).stdout.split(), ["shop-dev"])
        self.fails(self.run_here(SCRIPTS / "remaining.sh", "shop-dev"), ":vpc/vpc-", ":natgateway/nat-", "still there")

        # What others made under the environment's tag is found, though no state knows it.
        volume = json.loads(self.aws("ec2", "create-volume", "--size", "8", "--availability-zone", "us-east-1a", "--tag-specifications",
                                     "ResourceType=volume,Tags=[{Key=eks:eks-cluster-name,Value=shop-dev}]").stdout)["VolumeId"]
        clock = {"env": {"KEEP_CLOCK": "yes"}}
        down = self.fails(self.run_here(SCRIPTS / "environment.sh", "down", **clock), volume, "still there", "No longer billed")
        left = [line for line in down.stderr.splitlines() if line.startswith("  arn:")]
        self.assertEqual(len(left), 1, f"destroy left more than the volume: {left}")

        # By the clock everything goes but the clock, whose rights the run has: the next evening it finds nothing to do.
        held = self.succeeds(self.terraform("", "state", "list")).stdout.split()
        self.assertIn("module.budget[0].aws_codebuild_project.this[0]", held)
        self.assertEqual([address for address in held if "module.budget" not in address and "data." not in address], [])
        self.aws("ec2", "delete-volume", "--volume-id", volume)
        self.assertIn("nothing is left of shop-dev", self.succeeds(self.run_here(SCRIPTS / "environment.sh", "down", **clock)).stderr)

        # By hand the clock goes as well, then nothing is left, and asking again says so.
        # Told by its role: the provider deletes the project by its ARN, which this emulator takes for another name.
        self.assertIn("shop-dev-by-the-clock", self.roles())
        self.assertIn("shop-dev is gone", self.succeeds(self.run_here(SCRIPTS / "environment.sh", "down")).stderr)
        self.assertEqual([role for role in self.roles() if role.startswith("shop-dev")], [])
        self.assertEqual(self.succeeds(self.terraform("", "state", "list")).stdout.split(), [])
        self.assertIn("nothing is left of shop-dev", self.succeeds(self.run_here(SCRIPTS / "environment.sh", "down")).stderr)
        # The nightly job may still see it by what AWS lists for an hour after its end; that does no harm.
        self.assertIn("nothing is left of shop-dev", self.succeeds(self.run_here(SCRIPTS / "ephemeral.sh")).stderr)

        self.succeeds(self.terraform("bootstrap", "destroy", "-auto-approve", *once))
        buckets = [found["Name"] for found in json.loads(self.aws("s3api", "list-buckets").stdout)["Buckets"]]
        self.assertEqual(buckets, ["locks"])

    def roles(self):
        """The names of the account's roles."""
        return [role["RoleName"] for role in json.loads(self.aws("iam", "list-roles").stdout)["Roles"]]

    def plan_of_the_default(self):
        """The plan of an environment with the example's choices, whose state is locked by a file in a bucket."""
        folder = self.folder / "default"
        shutil.copytree(self.folder / "terraform", folder)
        (folder / "backend_override.tf").write_text('terraform {\n  backend "s3" {}\n}\n', encoding="utf-8")
        self.aws("s3api", "create-bucket", "--bucket", "locks")
        self.aws("s3api", "put-bucket-versioning", "--bucket", "locks", "--versioning-configuration", "Status=Enabled")
        backend = [f"-backend-config={setting}" for setting in
                   ("bucket=locks", "key=default.tfstate", "region=us-east-1", "use_lockfile=true", str(self.folder / "backend.hcl"))]
        self.succeeds(self.run_here("bash", "-c", f"source {SCRIPTS}/lib.sh; TF=terraform; terraform_init {folder} {' '.join(backend)}"))
        self.succeeds(self.run_here("terraform", "plan", "-input=false", "-no-color", "-out=plan",
                                    "-var-file=environments/example.tfvars", cwd=folder))
        versions = json.loads(self.aws("s3api", "list-object-versions", "--bucket", "locks").stdout)
        self.assertEqual([marker["Key"] for marker in versions["DeleteMarkers"]], ["default.tfstate.tflock"], "locked, and released")
        return json.loads(self.succeeds(self.run_here("terraform", "show", "-json", "plan", cwd=folder)).stdout)


class BadInput(PlatformTest):
    """What the scripts refuse before they touch anything."""

    def test_names(self):
        self.fails(run(SCRIPTS / "environment.sh", "up", env={"ENVIRONMENT": "Production!"}), "ENVIRONMENT must be", "Production!")
        self.fails(run(SCRIPTS / "environment.sh", "destroy"), "plan, up, down or remaining")
        self.fails(run(SCRIPTS / "install-tools.sh", "helm"), "not helm")
        self.fails(run(SCRIPTS / "build_image.sh", "catalog", "https://registry"), "no registry path")
        self.fails(run(SCRIPTS / "remaining.sh", "shop-dev", env={"REMAINING_SECONDS": "soon"}), "number of seconds")

    def test_a_missing_tool_is_named_with_how_to_get_it(self):
        # A PATH with the shell's own tools and nothing more.
        tools = self.folder / "bin"
        tools.mkdir()
        for name in ("bash", "basename", "dirname", "cat", "mktemp", "rm", "grep"):
            os.symlink(shutil.which(name), tools / name)
        without = {"PATH": str(tools)}
        self.fails(run(SCRIPTS / "environment.sh", "plan", env=without), "terraform is missing", "developer.hashicorp.com")
        self.fails(run(SCRIPTS / "environment.sh", "down", env=without), "aws is missing", "pip install awscli")
        self.fails(run(SCRIPTS / "remaining.sh", "shop-dev", env=without), "aws is missing")
        self.fails(run(SCRIPTS / "bootstrap.sh", env={**without, "CLUSTER": "shop-dev"}), "python3 is missing")

    def test_nobody_there_to_confirm_is_a_no(self):
        require(self, "bash")
        self.fails(run("bash", "-c", f"source {SCRIPTS}/lib.sh; confirm shop-dev 'Destroy?'; echo done", env={"CONFIRM": ""}), "CONFIRM=yes")

    def test_an_aws_that_cannot_be_asked_is_not_an_empty_one(self):
        require(self, "aws")
        done = run(SCRIPTS / "remaining.sh", "shop-dev", env={
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", "REMAINING_SECONDS": "0"})
        self.fails(done, "could not be asked")
        self.assertNotIn("nothing is left", done.stderr)


if __name__ == "__main__":
    unittest.main()
