"""The documents: links lead somewhere, commands they name exist, pictures are well-formed."""

import re
import unittest
import xml.etree.ElementTree as xml

from support import PlatformTest, ROOT, SCRIPTS

DOCUMENTS = [ROOT / "docs" / name for name in ("architecture.md", "cost.md", "delivery.md", "operations.md")]
KINDS = ("flowchart", "sequenceDiagram", "stateDiagram", "gantt", "classDiagram", "erDiagram")


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
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "make/platform.mk").read_text(encoding="utf-8"), re.MULTILINE))
        for path, text in self.texts():
            for target in re.findall(r"\bmake ([a-z][a-z-]+)", "\n".join(re.findall(r"`[^`]+`|^make .*$", text, re.MULTILINE))):
                self.assertIn(target, targets, path.name)

    def test_scripts_that_are_named_exist(self):
        for path, text in self.texts():
            for name in re.findall(r"\b([a-z_-]+\.(?:py|sh))\b", text):
                places = [SCRIPTS / name, ROOT / "Tests/Platform" / name]
                self.assertTrue(any(place.exists() for place in places), f"{path.name}: {name}")

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
