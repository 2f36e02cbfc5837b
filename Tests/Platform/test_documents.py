"""The documents: links lead somewhere, commands they name exist, pictures are well-formed."""

import re
import unittest
import xml.etree.ElementTree as xml

from support import PlatformTest, ROOT, SCRIPTS, require, run

DOCUMENTS = [ROOT / "docs" / name for name in ("architecture.md", "cost.md", "delivery.md", "deploy.md", "operations.md")]
KINDS = ("flowchart", "sequenceDiagram", "stateDiagram", "gantt", "classDiagram", "erDiagram")


def commands(text):
    """Every command line that a document names: in code blocks, and between backticks."""
    lines = [line.split(" # ")[0].strip() for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    return lines + [found.strip() for found in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))]


class Documents(PlatformTest):
    def texts(self):
        for path in DOCUMENTS:
            yield path, path.read_text(encoding="utf-8")

    def test_links_lead_somewhere(self):
        for path, text in self.texts():
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
                if not target.startswith("http"):
                    self.assertTrue((path.parent / target).resolve().exists(), f"{path.name}: {target}")

    def test_files_and_folders_that_are_named_exist(self):
        for path, text in self.texts():
            for name in re.findall(r"`((?:terraform|k8s|scripts|make|docs|\.github)/[\w./-]+)`", text):
                # A word in capitals stands for any name.
                pattern = re.sub(r"\b[A-Z]{3,}\b", "*", name)
                self.assertTrue(list(ROOT.glob(pattern)), f"{path.name}: {name}")

    def test_make_targets_that_are_named_exist(self):
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "make/platform.mk").read_text(encoding="utf-8") + (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        for path, text in self.texts():
            for target in re.findall(r"\bmake ([a-z][a-z-]+)", "\n".join(re.findall(r"`[^`]+`|^make .*$", text, re.MULTILINE))):
                self.assertIn(target, targets, path.name)

    def test_scripts_that_are_named_exist(self):
        for path, text in self.texts():
            for name in re.findall(r"\b([a-z_-]+\.(?:py|sh))\b", text):
                places = [SCRIPTS / name, ROOT / "Tests/Platform" / name]
                self.assertTrue(any(place.exists() for place in places), f"{path.name}: {name}")

    def named(self, program):
        """Words of each command of a program that the documents name, with where."""
        for path, text in self.texts():
            for line in commands(text):
                for part in re.split(r"&&|;|\||\bthen:", line):
                    words = part.split()
                    if words and words[0] == program:
                        yield f"{path.name}: {part.strip()}", words[1:]

    def test_aws_commands_and_their_options_exist(self):
        try:
            import botocore.session
            from botocore import xform_name
        except ImportError:
            self.skipTest("the AWS CLI's models are not installed")
        session, seen = botocore.session.get_session(), 0
        for where, words in self.named("aws"):
            if len(words) < 2:  # the name alone, such as a GitHub environment's
                continue
            service, operation, *rest = words
            model = session.get_service_model(service)
            operations = {xform_name(name, "-"): name for name in model.operation_names}
            if (service, operation) in (("eks", "update-kubeconfig"), ("ecr", "get-login-password")):  # the CLI's own
                continue
            self.assertIn(operation, operations, where)
            members = {xform_name(name, "-") for name in model.operation_model(operations[operation]).input_shape.members}
            self.assertLessEqual({word[2:] for word in rest if word.startswith("--")}, members | {"query", "output", "region"}, where)
            seen += 1
        self.assertGreaterEqual(seen, 5)

    def test_kubectl_commands_and_their_options_exist(self):
        require(self, "kubectl")
        helps, seen = {}, 0
        for where, words in self.named("kubectl"):
            while words and words[0] in ("-n", "--namespace", "--context"):
                words = words[2:]
            verb = words[:2] if words[0] in ("rollout", "set") else words[:1]
            if tuple(verb) not in helps:
                helps[tuple(verb)] = self.succeeds(run("kubectl", *verb, "--help")).stdout + self.succeeds(run("kubectl", "options")).stdout
            if "--" in words:  # what follows is for the program in the pod
                words = words[:words.index("--")]
            for option in (word.split("=")[0] for word in words if word.startswith("-")):
                self.assertTrue(re.search(rf"(?m)^\s+(-\w, )?{re.escape(option)}[,=]", helps[tuple(verb)]), f"{where}: {option}")
            seen += 1
        self.assertGreaterEqual(seen, 15)

    def test_shopfn_commands_exist(self):
        known = set()
        for path in (ROOT / "Sources/Runtime/shopfn").rglob("*.swift"):
            known.update(re.findall(r'commandName:\s*"([a-z-]+)"', path.read_text(encoding="utf-8")))
        seen = [(where, words[0]) for where, words in self.named("shopfn") if words]
        self.assertGreaterEqual(len(seen), 1)
        for where, command in seen:
            self.assertIn(command, known, where)

    def test_metrics_exist(self):
        sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "Sources/Runtime").rglob("*.swift"))
        for path, text in self.texts():
            for name in re.findall(r"\bshopfn_[a-z_]+", text):
                self.assertTrue(name in sources, f"{path.name}: {name}")

    def test_outputs_and_choices_of_terraform_exist(self):
        outputs = set(re.findall(r'^output "(\w+)"', "".join(path.read_text(encoding="utf-8") for path in (ROOT / "terraform").glob("*.tf")), re.MULTILINE))
        choices = set(re.findall(r'^variable "(\w+)"', (ROOT / "terraform/variables.tf").read_text(encoding="utf-8"), re.MULTILINE))
        for path, text in self.texts():
            for name in re.findall(r"terraform output (?:-\w+ )*(\w+)", text):
                self.assertIn(name, outputs, path.name)
            for name in re.findall(r"`([a-z_]+)(?:\.[a-z_]+)? = ", text):
                self.assertIn(name, choices, path.name)

    def test_workloads_that_commands_name_exist(self):
        require(self, "kubectl")
        built = self.succeeds(run("kubectl", "kustomize", ROOT / "k8s/overlays/eks")).stdout
        workloads = {(kind.lower(), name) for kind, name in re.findall(r"(?m)^kind: (Deployment|StatefulSet)\nmetadata:\n(?:  .*\n)*?  name: (.*)$", built)}
        if not workloads:
            self.skipTest("no workload stands in k8s/overlays/eks yet")
        for where, words in self.named("kubectl"):
            for kind, name in re.findall(r"\b(deployment|statefulset)/([a-z][a-z0-9-]*)", " ".join(words)):
                self.assertIn((kind, name), workloads, where)

    def test_diagrams_begin_as_mermaid_knows_and_balance(self):
        for path, text in self.texts():
            for diagram in re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL):
                self.assertTrue(diagram.split()[0] in KINDS, f"{path.name}: {diagram[:40]}")
                if diagram.startswith("flowchart"):
                    self.assertEqual(len(re.findall(r"^\s*subgraph\b", diagram, re.MULTILINE)), len(re.findall(r"^\s*end$", diagram, re.MULTILINE)), path.name)
                else:
                    opened = len(re.findall(r"^\s*(?:alt|loop|opt|par)\b", diagram, re.MULTILINE))
                    self.assertEqual(opened, len(re.findall(r"^\s*end$", diagram, re.MULTILINE)), path.name)
                for opening, closing in ("()", "[]", "{}"):
                    self.assertEqual(diagram.count(opening), diagram.count(closing), f"{path.name}: {opening}{closing}")

    def test_pictures_are_well_formed_and_stand_alone(self):
        for path in (ROOT / "docs").glob("*.svg"):
            root = xml.parse(path).getroot()
            self.assertTrue(root.tag.endswith("svg") and root.get("viewBox"), path.name)
            self.assertIsNotNone(root.find("{http://www.w3.org/2000/svg}title"), f"{path.name} has no title for those who cannot see it")
            self.assertNotRegex(path.read_text(encoding="utf-8"), r"href=\"http|@import", path.name)

    def test_every_failure_says_all_four_things(self):
        text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
        failures = text.split("## When a piece is gone")[1].split("\n## ")[0].split("\n### ")[1:]
        self.assertGreaterEqual(len(failures), 11)
        for failure in failures:
            for row in ("what a customer sees", "what recovers by itself", "what shows it", "what to do"):
                self.assertIn(f"| {row} |", failure, failure.splitlines()[0])


if __name__ == "__main__":
    unittest.main()
