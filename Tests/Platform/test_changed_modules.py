"""Which images a change concerns: from SwiftPM's own graph, in a real Git repository."""

import json
import unittest

from support import PlatformTest, ROOT, SCRIPTS, require, run
import changed_modules  # found through support

PACKAGE = """\
// swift-tools-version: 6.0
import PackageDescription
let package = Package(
    name: "sample",
    products: [.executable(name: "catalog", targets: ["Catalog"]), .executable(name: "cart", targets: ["cart"])],
    targets: [
        .target(name: "Deep", path: "Sources/Runtime/Deep"),
        .target(name: "Kit", dependencies: ["Deep"], path: "Sources/Runtime/Kit"),
        .target(name: "KitExtra", path: "Sources/Runtime/Kit/Extra"),
        .executableTarget(name: "Catalog", dependencies: ["Kit"], path: "Sources/Functions/Catalog"),
        .executableTarget(name: "cart", dependencies: [.target(name: "Deep")], path: "Sources/Functions/Cart"),
        .executableTarget(name: "tool"),
        .testTarget(name: "KitTests", dependencies: ["Kit"]),
    ]
)
"""


class Graph(unittest.TestCase):
    """The pure part, on the graph as `dump-package` prints it."""

    def setUp(self):
        def target(name, kind, path, *below):
            return {"name": name, "type": kind, "path": path, "dependencies": [{"byName": [one, None]} for one in below]}

        self.package = {
            "products": [{"name": "catalog", "targets": ["Catalog"], "type": {"executable": None}},
                         {"name": "cart", "targets": ["cart"], "type": {"executable": None}},
                         {"name": "Kit", "targets": ["Kit"], "type": {"library": ["automatic"]}}],
            "targets": [
                target("Deep", "regular", "Sources/Deep"),
                target("Kit", "regular", "Sources/Kit", "Deep", "SomePackageProduct"),
                target("CLib", "system", "Sources/CLib"),
                target("Catalog", "executable", "Sources/Catalog", "Kit"),
                target("cart", "executable", None, "CLib"),
                target("bench", "executable", "Benchmarks/Bench", "Kit"),
                target("KitTests", "test", "Tests/KitTests", "Kit"),
            ],
        }

    def modules(self, *paths):
        return list(changed_modules.changed(self.package, list(paths)))

    def test_own_sources(self):
        self.assertEqual(self.modules("Sources/Catalog/main.swift"), ["catalog"])

    def test_an_executable_that_is_no_product_has_no_image(self):
        self.assertEqual(self.modules("Benchmarks/Bench/main.swift"), [])

    def test_a_target_without_a_path_lies_where_swiftpm_says(self):
        self.assertEqual(self.modules("Sources/cart/main.swift"), ["cart"])

    def test_a_dependency_of_a_dependency(self):
        self.assertEqual(self.modules("Sources/Deep/a.swift"), ["catalog"])

    def test_a_module_map_of_the_system(self):
        self.assertEqual(self.modules("Sources/CLib/module.modulemap"), ["cart"])

    def test_a_folder_that_only_begins_alike(self):
        self.assertEqual(self.modules("Sources/Deeper/a.swift", "Sources/Catalogue/b.swift"), [])

    def test_tests_documents_and_delivery_itself(self):
        self.assertEqual(self.modules("Tests/KitTests/a.swift", "README.md", "k8s/overlays/eks/images/catalog/kustomization.yaml"), [])

    def test_what_shapes_every_image(self):
        self.assertEqual(self.modules("Package.swift"), ["cart", "catalog"])
        self.assertEqual(self.modules("Dockerfile"), ["cart", "catalog"])

    def test_the_reason_is_a_file(self):
        self.assertEqual(changed_modules.changed(self.package, ["Sources/Deep/a.swift", "x"]), {"catalog": "Sources/Deep/a.swift"})


class Repository(PlatformTest):
    """The whole script in a repository with a package that SwiftPM itself reads."""

    def setUp(self):
        super().setUp()
        require(self, "git", "swift")
        for path, text in {
            "Package.swift": PACKAGE, "README.md": "a", "Sources/Runtime/Deep/Deep.swift": "a", "Sources/Runtime/Kit/Kit.swift": "a",
            "Sources/Runtime/Kit/Extra/Extra.swift": "a", "Sources/Functions/Catalog/main.swift": "a",
            "Sources/Functions/Cart/main.swift": "a", "Sources/tool/main.swift": "a", "Tests/KitTests/Kit.swift": "a",
        }.items():
            self.write(path, text)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.email", "test@example.com")
        self.git("config", "user.name", "test")
        self.base = self.commit()

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def git(self, *arguments):
        return self.succeeds(run("git", *arguments, cwd=self.folder)).stdout.strip()

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def modules(self, base, head="HEAD"):
        done = self.succeeds(run(SCRIPTS / "changed_modules.py", "--base", base, "--head", head, cwd=self.folder))
        return json.loads(done.stdout)["modules"]

    def test_follows_the_graph_that_swiftpm_reads(self):
        self.write("Sources/Runtime/Deep/Deep.swift", "b")
        deep = self.commit()
        self.assertEqual(self.modules(self.base), ["cart", "catalog"])
        self.write("Sources/Runtime/Kit/Extra/Extra.swift", "b")
        extra = self.commit()
        self.assertEqual(self.modules(deep), [], "a target within another's folder is not that other")
        self.git("mv", "Sources/Functions/Cart/main.swift", "Tests/KitTests/moved name.swift")
        self.commit()
        self.assertEqual(self.modules(extra), ["cart"], "a file that left counts for where it was")
        self.assertEqual(self.modules(self.base, deep), ["cart", "catalog"])

    def test_what_main_gained_meanwhile_is_not_the_branchs_change(self):
        self.git("checkout", "-q", "-b", "topic")
        self.write("Sources/Functions/Cart/main.swift", "b")
        self.commit()
        self.git("checkout", "-q", "main")
        self.write("Sources/tool/main.swift", "b")
        self.commit()
        self.assertEqual(self.modules("main", "topic"), ["cart"])

    def test_without_a_base_every_image_is_built(self):
        for base in ("0" * 40, "f" * 40):
            self.assertEqual(self.modules(base), ["cart", "catalog"])

    def test_an_unknown_head_is_an_error(self):
        self.fails(run(SCRIPTS / "changed_modules.py", "--base", self.base, "--head", "nowhere", cwd=self.folder), "changed_modules")


class ThisPackage(PlatformTest):
    def test_every_module_has_an_image_in_the_overlay(self):
        require(self, "swift")
        package = json.loads(self.succeeds(run("swift", "package", "--scratch-path", self.folder, "dump-package")).stdout)
        changed = changed_modules.changed(package, ["Package.swift"])
        for module in ("catalog", "shopfn"):
            self.assertIn(module, changed)
            self.assertTrue((ROOT / f"k8s/overlays/eks/images/{module}/kustomization.yaml").is_file())


if __name__ == "__main__":
    unittest.main()
