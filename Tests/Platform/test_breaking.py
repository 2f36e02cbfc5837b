"""The scripts where something is missing: each says what and how to get it, and leaves nothing half done."""

import os
import shutil
import sys

from support import PlatformTest, ROOT, SCRIPTS, require, run

DIGEST = "sha256:" + "a" * 64
REGISTRY = "registry.example.com/shop"

NOBODY = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1",
          "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


class Breaking(PlatformTest):
    def tools(self, *names):
        """A PATH that holds these programs and no other."""
        folder = self.folder / "bin"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in names:
            os.symlink(sys.executable if name == "python3" else shutil.which(name), folder / name)
        return {"PATH": str(folder)}


class Clone(Breaking):
    """Scripts that change what Git holds, in a clone of a bare repository."""

    def setUp(self):
        super().setUp()
        require(self, "git", "kubectl")
        self.remote, self.clone = self.folder / "remote.git", self.folder / "clone"
        self.succeeds(run("git", "init", "-q", "--bare", "-b", "main", self.remote))
        self.succeeds(run("git", "init", "-q", "-b", "main", self.clone))
        for name in ("k8s", "scripts", "terraform/cost", "docs"):
            shutil.copytree(ROOT / name, self.clone / name)
        for arguments in (("config", "user.email", "test@example.com"), ("config", "user.name", "test"), ("add", "-A"), ("commit", "-q", "-m", "first"),
                          ("remote", "add", "origin", self.remote), ("push", "-q", "-u", "origin", "main")):
            self.git(*arguments)
        self.before = self.git("rev-parse", "HEAD")

    def git(self, *arguments):
        return self.succeeds(run("git", *arguments, cwd=self.clone)).stdout.strip()

    def assert_untouched(self):
        self.assertEqual(self.git("ls-remote", "origin", "refs/heads/main").split()[0], self.before, "the remote branch moved")
        self.assertEqual(self.git("status", "--porcelain"), "", "the clone was changed")
        self.assertEqual(len(self.git("worktree", "list").splitlines()), 1, "a worktree was left behind")

    def deliver(self, *prefix, env=None):
        script = self.clone / "scripts/platform/set_digests.py"
        return run(*prefix, sys.executable, script, f"--registry={REGISTRY}", f"catalog={DIGEST}", cwd=self.clone, env=env)

    def test_digests_without_kubectl(self):
        self.fails(self.deliver(env=self.tools("git")), "kubectl is missing", "kubernetes.io/docs/tasks/tools")
        self.assert_untouched()

    def test_digests_with_a_remote_that_is_gone(self):
        self.git("remote", "set-url", "origin", self.folder / "nowhere.git")
        self.fails(self.deliver(), "set_digests: `git fetch", "nowhere.git")
        self.git("remote", "set-url", "origin", self.remote)
        self.assert_untouched()

    def test_digests_on_a_disk_that_is_full(self):
        if run("unshare", "--user", "--map-root-user", "--mount", "true").returncode != 0:
            self.skipTest("no file system of a few kilobytes can be mounted here (unshare is refused)")
        full = self.folder / "full"
        full.mkdir()
        script = f'mount -t tmpfs -o size=48k tmpfs {full} && TMPDIR={full} exec "$@"'
        done = self.deliver("unshare", "--user", "--map-root-user", "--mount", "bash", "-c", script, "bash")
        self.fails(done, "set_digests:", "is there room on the disk, in TMPDIR as well?")
        self.assert_untouched()

    def test_an_image_of_a_dirty_tree(self):
        (self.clone / "scripts/ensure").write_text("changed", encoding="utf-8")
        script = self.clone / "scripts/platform/build_image.sh"
        self.fails(run(script, "catalog", REGISTRY, cwd=self.clone), "uncommitted changes", "commit or stash")
        self.git("checkout", "-q", "scripts/ensure")
        without = self.tools("bash", "git", "dirname", "basename", "python3")
        self.fails(run(script, "catalog", REGISTRY, cwd=self.clone, env=without), "docker is missing", "docs.docker.com", "shopfn image")

    def test_the_tables_of_costs_that_cannot_be_written(self):
        document = self.clone / "docs/cost.md"
        text = document.read_text(encoding="utf-8")
        limited = 'ulimit -f 1; exec "$@"'  # a kilobyte, less than the document has
        done = run("bash", "-c", limited, "bash", sys.executable, "-B", self.clone / "scripts/platform/cost_docs.py", cwd=self.clone)
        self.fails(done, "docs/cost.md is as it was")
        self.assertEqual(document.read_text(encoding="utf-8"), text)
        self.assert_untouched()


class Missing(Breaking):
    def test_changed_modules_without_swift(self):
        require(self, "git")
        self.fails(run(SCRIPTS / "changed_modules.py", env=self.tools("git", "env", "python3")), "swift is missing", "swift.org/install")

    def test_tools_without_a_way_to_pypi(self):
        shutil.copytree(ROOT / "scripts/platform", self.folder / "scripts/platform")
        done = run(self.folder / "scripts/platform/tools.sh", "checkov", timeout=300, env={
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "", "PIP_NO_INDEX": "", "PIP_RETRIES": "0", "PIP_DEFAULT_TIMEOUT": "2"})
        self.fails(done, "could not install checkov from PyPI")
        self.assertFalse((self.folder / ".tools/platform/checkov").exists(), "half an installation would be taken for a whole one")

    def test_install_tools_in_a_folder_that_is_not_there(self):
        self.fails(run(SCRIPTS / "install-tools.sh", "tofu", env={"DESTINATION": str(self.folder / "none")}), "no folder you may write to")

    def test_a_program_that_terraform_is_not(self):
        self.fails(run(SCRIPTS / "check.sh", "terraform-validate", env={"TERRAFORM": "/nowhere/tofu"}), "no program here")


class Nobody(Breaking):
    """Without credentials nothing is done, and no answer is not the answer that nothing is there."""

    def setUp(self):
        super().setUp()
        require(self, "aws", "kubectl")
        shutil.copytree(ROOT / "terraform", self.folder / "terraform",
                        ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "backend_override.tf", ".terraform.lock.hcl"))
        self.environment = {**NOBODY, "TERRAFORM_DIR": str(self.folder / "terraform"), "CONFIRM": "yes", "STATE_BUCKET": "shop-state", "KUBE_CONTEXT": ""}

    def test_environments(self):
        for action in ("up", "down"):
            self.fails(run(SCRIPTS / "environment.sh", action, env=self.environment), "AWS takes no credentials", "aws sso login")
        self.assertFalse((self.folder / "terraform/backend_override.tf").exists(), "a choice of state was left behind")
        self.assertFalse((self.folder / "terraform/.terraform").exists())

    def test_what_is_left_is_unknown(self):
        for script in (("remaining.sh", "shop-dev"), ("ephemeral.sh",)):
            done = self.fails(run(SCRIPTS / script[0], *script[1:], env={**self.environment, "REMAINING_SECONDS": "0"}), "could not be asked", "credentials")
            self.assertNotIn("nothing is left", done.stderr)
            self.assertNotIn("no ephemeral environment", done.stderr)

    def test_clusters(self):
        for command in (("suspend.sh", "suspend", "shop-dev"), ("empty-cluster.sh", "shop-dev"), ("bootstrap.sh",)):
            environment = {**self.environment, "CLUSTER": "shop-dev", "REPOSITORY": "https://git.example.com/team/shop.git"}
            self.fails(run(SCRIPTS / command[0], *command[1:], env=environment), "shop-dev", "redentials")
