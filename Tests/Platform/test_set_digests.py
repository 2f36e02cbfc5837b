"""Delivery's commit: against a real bare repository, with everything that can come in between."""

import os
import stat
import subprocess
import unittest

import yaml

from support import PlatformTest, ROOT, SCRIPTS, require, run

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-dev"


class SetDigests(PlatformTest):
    def setUp(self):
        super().setUp()
        require(self, "git", "kubectl")
        self.remote = self.folder / "remote.git"
        self.clone = self.folder / "clone"
        self.succeeds(run("git", "init", "-q", "--bare", "-b", "main", self.remote))
        self.succeeds(run("git", "init", "-q", "-b", "main", self.clone))
        self.succeeds(run("cp", "-r", ROOT / "k8s", self.clone))
        self.git("config", "user.email", "test@example.com")
        self.git("config", "user.name", "test")
        self.git("remote", "add", "origin", self.remote)
        self.source = self.commit("first")
        self.git("push", "-q", "-u", "origin", "main")

    def git(self, *arguments, cwd=None):
        return self.succeeds(run("git", *arguments, cwd=cwd or self.clone)).stdout.strip()

    def commit(self, text, cwd=None):
        (cwd or self.clone).joinpath("README.md").write_text(text, encoding="utf-8")
        self.git("add", "-A", cwd=cwd)
        self.git("commit", "-q", "-m", text, cwd=cwd)
        return self.git("rev-parse", "HEAD", cwd=cwd)

    def head(self):
        return self.git("rev-parse", "main", cwd=self.remote)

    def delivered(self, module="catalog"):
        text = self.git("show", f"main:k8s/overlays/eks/images/{module}/kustomization.yaml", cwd=self.remote)
        return yaml.safe_load(text)["images"][0]

    def deliver(self, *images, cwd=None, **options):
        arguments = [f"--{key}={value}" for key, value in {"registry": REGISTRY, **options}.items()]
        return run(SCRIPTS / "set_digests.py", *arguments, *images, cwd=cwd or self.clone)

    def assert_untouched(self, head):
        self.assertEqual(self.head(), head, "the remote branch moved")
        self.assertEqual(self.git("status", "--porcelain"), "", "the clone was changed")
        self.assertEqual(len(self.git("worktree", "list").splitlines()), 1, "a worktree was left behind")

    def test_one_commit_sets_every_digest(self):
        before = self.head()
        self.succeeds(self.deliver(f"catalog={DIGEST}", f"shopfn={OTHER}"))
        self.assertEqual(self.git("rev-list", "--count", f"{before}..main", cwd=self.remote), "1")
        self.assertEqual(self.delivered(), {"name": "catalog", "newName": f"{REGISTRY}/catalog", "digest": DIGEST})
        self.assertEqual(self.delivered("shopfn")["digest"], OTHER)
        self.assertEqual(self.git("log", "-1", "--format=%s", "main", cwd=self.remote), "Deliver catalog, shopfn")
        self.assertIn(self.source, self.git("log", "-1", "--format=%b", "main", cwd=self.remote))
        changed = self.git("diff", "--name-only", before, "main", cwd=self.remote).splitlines()
        self.assertEqual(changed, [f"k8s/overlays/eks/images/{name}/kustomization.yaml" for name in ("catalog", "shopfn")])

    def test_pods_run_the_digest(self):
        self.succeeds(self.deliver(f"catalog={DIGEST}"))
        self.git("pull", "-q")
        built = self.succeeds(run("kubectl", "kustomize", self.clone / "k8s/overlays/eks/functions/list-products")).stdout
        deployment = next(item for item in yaml.safe_load_all(built) if item["kind"] == "Deployment")
        self.assertEqual(deployment["spec"]["template"]["spec"]["containers"][0]["image"], f"{REGISTRY}/catalog@{DIGEST}")

    def test_the_same_again_makes_no_commit(self):
        self.succeeds(self.deliver(f"catalog={DIGEST}"))
        head = self.head()
        self.assertIn("nothing to change", self.succeeds(self.deliver(f"catalog={DIGEST}")).stdout)
        self.assertEqual(self.head(), head)

    def test_uncommitted_work_in_the_clone_stays_and_is_not_pushed(self):
        path = self.clone / "k8s/overlays/eks/images/catalog/kustomization.yaml"
        path.write_text("half written", encoding="utf-8")
        self.succeeds(self.deliver(f"catalog={DIGEST}"))
        self.assertEqual(path.read_text(encoding="utf-8"), "half written")
        self.assertEqual(self.delivered()["digest"], DIGEST)

    def test_a_push_in_between_is_kept(self):
        # A hook of the clone pushes somebody else's commit between this one's fetch and its push, once.
        other = self.folder / "other"
        self.succeeds(run("git", "clone", "-q", self.remote, other))
        self.git("config", "user.email", "other@example.com", cwd=other)
        self.git("config", "user.name", "other", cwd=other)
        theirs = self.commit("theirs", cwd=other)
        hook = self.clone / ".git/hooks/pre-push"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n[ -e {self.folder}/done ] && exit 0\ntouch {self.folder}/done\nenv -u GIT_DIR git -C {other} push -q origin main\n", encoding="utf-8")
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
        done = self.succeeds(self.deliver(f"catalog={DIGEST}"))
        self.assertIn("moved meanwhile", done.stderr)
        self.assertEqual(self.git("rev-parse", "main~1", cwd=self.remote), theirs)
        self.assertEqual(self.delivered()["digest"], DIGEST)

    def test_a_branch_that_refuses_changes_nothing(self):
        hook = self.remote / "hooks/pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n", encoding="utf-8")
        hook.chmod(0o755)
        head = self.head()
        self.fails(self.deliver(f"catalog={DIGEST}"), "protected")
        self.assert_untouched(head)

    def test_two_at_once_both_arrive(self):
        clones = []
        for name in ("one", "two"):
            clone = self.folder / name
            self.succeeds(run("git", "clone", "-q", self.remote, clone))
            clones.append(clone)
        runs = [subprocess.Popen([SCRIPTS / "set_digests.py", f"--registry={REGISTRY}", image], cwd=clone, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                for clone, image in zip(clones, (f"catalog={DIGEST}", f"shopfn={OTHER}"))]
        for process in runs:
            output, _ = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, output)
        self.assertEqual((self.delivered()["digest"], self.delivered("shopfn")["digest"]), (DIGEST, OTHER))

    def test_older_sources_never_replace_newer_ones(self):
        newer = self.commit("newer")
        self.git("push", "-q")
        self.succeeds(self.deliver(f"catalog={DIGEST}", source=newer))
        head = self.head()
        self.assertIn("newer sources", self.succeeds(self.deliver(f"catalog={OTHER}", source=self.source)).stdout)
        self.assert_untouched(head)
        newest = self.commit("newest")
        self.git("pull", "-q", "--rebase")
        newest = self.git("rev-parse", "HEAD")
        self.git("push", "-q")
        self.succeeds(self.deliver(f"catalog={OTHER}", source=newest))
        self.assertEqual(self.delivered()["digest"], OTHER)

    def test_one_unknown_module_stops_all(self):
        head = self.head()
        self.fails(self.deliver(f"catalog={DIGEST}", f"nowhere={OTHER}"), "nowhere", "no function of the overlay")
        self.assert_untouched(head)

    def test_an_overlay_that_does_not_build_is_not_pushed(self):
        broken = self.clone / "k8s/overlays/eks/functions/list-products/kustomization.yaml"
        broken.write_text(broken.read_text(encoding="utf-8") + "  - ../../images/missing\n", encoding="utf-8")
        self.commit("broken")
        self.git("push", "-q")
        head = self.head()
        self.fails(self.deliver(f"catalog={DIGEST}"), "list-products", "does not build")
        self.assert_untouched(head)

    def test_bad_arguments_are_all_told_at_once(self):
        head = self.head()
        self.fails(self.deliver("catalog=latest", "Shop=" + DIGEST, "cart"), "no digest", "'cart' is not MODULE=DIGEST", "Shop")
        self.fails(self.deliver(f"catalog={DIGEST}", f"catalog={OTHER}"), "twice")
        self.fails(self.deliver(f"catalog={DIGEST}", registry="https://registry/x"), "no registry path")
        self.fails(self.deliver(f"catalog={DIGEST}", branch="missing"), "fetch")
        self.fails(self.deliver(f"catalog={DIGEST}", source="nowhere"), "rev-parse")
        self.assert_untouched(head)

    def test_works_where_git_knows_no_name(self):
        clone = self.folder / "bare-identity"
        self.succeeds(run("git", "clone", "-q", self.remote, clone))
        done = run(SCRIPTS / "set_digests.py", f"--registry={REGISTRY}", f"catalog={DIGEST}", cwd=clone,
                   env={"HOME": str(self.folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull})
        self.succeeds(done)
        self.assertEqual(self.git("log", "-1", "--format=%an", "main", cwd=self.remote), "shopfn delivery")


if __name__ == "__main__":
    unittest.main()
