"""GitHub's workflows and the scripts behind them: by their linters, and by the rules this project adds."""

import re
import unittest

import yaml

from support import PlatformTest, ROOT, SCRIPTS, require, run
import compare_benchmarks  # found through support

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")


class Linters(PlatformTest):
    def test_the_schema_holds(self):
        require(self, "check-jsonschema")
        self.succeeds(run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS))

    def test_actionlint(self):
        require(self, "actionlint")
        self.succeeds(run("actionlint", "-color", *WORKFLOWS))

    def test_zizmor(self):
        require(self, "zizmor")
        self.succeeds(run("zizmor", "--offline", "--no-progress", "--color=never", *WORKFLOWS))

    def test_shellcheck(self):
        require(self, "shellcheck")
        self.succeeds(run("shellcheck", "-x", "-P", SCRIPTS, *sorted(SCRIPTS.glob("*.sh"))))

    def test_hadolint(self):
        require(self, "hadolint")
        self.succeeds(run("hadolint", ROOT / "Dockerfile"))

    def test_python_compiles_and_every_script_can_be_run(self):
        for path in sorted(SCRIPTS.iterdir()):
            if path.suffix == ".py":
                compile(path.read_text(encoding="utf-8"), str(path), "exec")
            sourced = path.name in ("lib.sh", "cluster.sh")
            if path.suffix in (".py", ".sh"):
                self.assertEqual(bool(path.stat().st_mode & 0o100), not sourced, f"{path.name}: executable, unless it is only sourced")


class Rules(PlatformTest):
    def workflows(self):
        for path in WORKFLOWS:
            yield path, yaml.safe_load(path.read_text(encoding="utf-8"))

    def steps(self):
        for path, workflow in self.workflows():
            for name, job in workflow["jobs"].items():
                for step in job["steps"]:
                    yield f"{path.name}: {name}", job, step

    def test_there_are_three(self):
        self.assertEqual([path.stem for path in WORKFLOWS], ["ci", "deliver", "environment"])

    def test_no_right_unless_a_job_asks_for_it(self):
        writes = set()
        for path, workflow in self.workflows():
            self.assertEqual(workflow["permissions"], {}, path.name)
            self.assertIn("concurrency", workflow, path.name)
            for name, job in workflow["jobs"].items():
                self.assertIn("timeout-minutes", job, f"{path.name}: {name}")
                for right, level in job["permissions"].items():
                    if level == "write":
                        writes.add((path.stem, name, right))
        self.assertEqual(writes, {
            ("ci", "comment", "pull-requests"), ("deliver", "image", "id-token"), ("deliver", "commit", "contents"),
            ("environment", "by-hand", "id-token"), ("environment", "nightly", "id-token"),
        })

    def test_the_job_that_may_write_runs_nothing_of_a_pull_request(self):
        for where, job, step in self.steps():
            if where == "ci.yml: comment":
                self.assertNotIn("actions/checkout", step.get("uses", ""))

    def test_every_action_is_pinned_with_its_version_beside(self):
        for path in WORKFLOWS:
            for line in path.read_text(encoding="utf-8").splitlines():
                if "uses:" in line:
                    self.assertRegex(line, r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", path.name)
        for where, _, step in self.steps():
            if "uses" in step:
                self.assertRegex(step["uses"], PINNED, where)

    def test_no_key_is_stored(self):
        for path in WORKFLOWS:
            text = path.read_text(encoding="utf-8")
            self.assertNotRegex(text, r"secrets\.", path.name)
            self.assertNotRegex(text, r"(?i)aws_(secret_)?access_key", path.name)

    def test_what_steps_run_is_there(self):
        """A script or make target that a workflow names exists."""
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "make/platform.mk").read_text(encoding="utf-8"), re.MULTILINE))
        for where, _, step in self.steps():
            for script in re.findall(r"scripts/platform/[\w.-]+", step.get("run", "")):
                self.assertTrue((ROOT / script).is_file(), f"{where}: {script}")
            for target in re.findall(r"make -f make/platform.mk ([a-z-]+)", step.get("run", "")):
                self.assertIn(target, targets, where)
        environment = yaml.safe_load((ROOT / ".github/workflows/environment.yml").read_text(encoding="utf-8"))
        # YAML 1.1 reads the key `on` as true.
        for action in environment[True]["workflow_dispatch"]["inputs"]["action"]["options"]:
            self.assertIn(action, targets)

    def test_the_budgets_schedule_names_targets_and_scripts_that_are_there(self):
        text = (ROOT / "terraform/modules/budget/schedule.tf").read_text(encoding="utf-8")
        for script in re.findall(r"scripts/platform/[\w.-]+", text):
            self.assertTrue((ROOT / script).is_file(), script)


class Benchmarks(unittest.TestCase):
    BASE = 'building\n{"name": "requests", "value": 1000, "unit": "1/s"}\n{"name": "start", "value": 2.0, "unit": "ms", "better": "lower"}\n'

    def test_better_and_worse(self):
        head = '{"name": "requests", "value": 1200, "unit": "1/s"}\n{"name": "start", "value": 2.5, "unit": "ms", "better": "lower"}\n'
        made = compare_benchmarks.compare(self.BASE, head)
        self.assertIn("| requests | 1000 1/s | 1200 1/s | +20.0 % better |", made)
        self.assertIn("| start | 2 ms | 2.5 ms | +25.0 % **worse** |", made)

    def test_noise_is_no_news(self):
        made = compare_benchmarks.compare(self.BASE, self.BASE.replace("1000", "1050"))
        self.assertIn("| +5.0 % |", made)
        self.assertNotIn("better", made)

    def test_new_and_gone(self):
        made = compare_benchmarks.compare(self.BASE, '{"name": "memory", "value": 3, "unit": "MB"}')
        self.assertIn("| memory | – | 3 MB | new |", made)
        self.assertIn("| requests | 1000 1/s | – | gone |", made)

    def test_runs_without_figures_are_shown_as_they_are(self):
        self.assertIn("no figures here", compare_benchmarks.compare("no figures here", "{broken"))


if __name__ == "__main__":
    unittest.main()
