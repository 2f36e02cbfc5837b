#!/usr/bin/env python3
"""Print which modules' images a range of commits changes, as JSON, with the reason for each.

An image is made of each executable that the package declares as a product; what has none, such as a benchmark's
server, has no image. It changes when a file changes that its executable is made of: its own sources, or those of any target of this
package that it depends on, however far. That graph is SwiftPM's own (`swift package dump-package`), so a new
dependency needs no list to be kept. Files that shape every image count for all; tests, documents and manifests of
Kubernetes count for none.
"""

import argparse
import json
import subprocess
import sys
import tempfile

# A change here can change any executable or image.
EVERY_IMAGE = ["Package.swift", "Package.resolved", "Dockerfile", ".dockerignore", "scripts/platform/build_image.sh"]


def run(*command):
    """A command's output, or an end with what it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit(f"changed_modules: {command[0]} is missing; install it first (Swift: https://www.swift.org/install)")
    if done.returncode != 0:
        sys.exit(f"changed_modules: `{' '.join(command)}` failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def target_path(target):
    """Where a target's sources lie: what the manifest says, else SwiftPM's convention."""
    if target.get("path"):
        return target["path"].strip("/")
    folder = {"test": "Tests", "plugin": "Plugins"}.get(target["type"], "Sources")
    return f"{folder}/{target['name']}"


def dependencies(target, known):
    """Names of the targets of this package that a target depends on directly."""
    names = []
    for dependency in target.get("dependencies", []):
        for kind in ("byName", "target"):
            if kind in dependency and dependency[kind][0] in known:
                names.append(dependency[kind][0])
    return names


def closure(name, targets):
    """A target and everything of this package below it."""
    seen, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting.extend(dependencies(targets[current], targets))
    return seen


def images(package):
    """Image name → the target of its executable: the declared products."""
    return {product["name"]: product["targets"][0] for product in package.get("products", []) if "executable" in product.get("type", {})}


def owner(path, targets):
    """The target that a file belongs to: the one with the longest folder above it."""
    best = None
    for target in targets.values():
        folder = target_path(target)
        if path.startswith(folder + "/") and (best is None or len(folder) > len(target_path(best))):
            best = target
    return best["name"] if best else None


def changed(package, paths):
    """Image name → the first file found that changes it. Pure: package and paths in, answer out."""
    targets = {target["name"]: target for target in package["targets"]}
    owners = {path: owner(path, targets) for path in paths}
    result = {}
    for image, target in sorted(images(package).items()):
        below = closure(target, targets)
        for path in sorted(paths):
            if path in EVERY_IMAGE or owners[path] in below:
                result[image] = path
                break
    return result


def changed_paths(base, head):
    """Files that differ, both names of a renamed one."""
    output = run("git", "diff", "--name-only", "--no-renames", "-z", f"{base}...{head}" if base else head)
    return [path for path in output.split("\0") if path]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", help="commit to compare from; without it, or if it is unknown or all zeroes, every image counts as changed")
    parser.add_argument("--head", default="HEAD", help="commit to compare to (default: HEAD)")
    parser.add_argument("--package", help="a file with the output of `swift package dump-package` (default: run it)")
    options = parser.parse_args()

    run("git", "rev-parse", "--verify", "--quiet", f"{options.head}^{{commit}}")
    known = bool(options.base) and subprocess.run(
        ["git", "merge-base", options.base, options.head], capture_output=True).returncode == 0
    if options.package:
        with open(options.package, encoding="utf-8") as file:
            package = json.load(file)
    else:
        # A scratch folder of its own, so that it does not wait for a build that is under way.
        with tempfile.TemporaryDirectory(prefix="changed-modules-") as scratch:
            package = json.loads(run("swift", "package", "--scratch-path", scratch, "dump-package"))
    paths = changed_paths(options.base, options.head) if known else EVERY_IMAGE[:1]
    if not known:
        print("changed_modules: no base to compare with, so every image counts as changed", file=sys.stderr)
    result = changed(package, paths)
    print(json.dumps({"modules": list(result), "reasons": result}))


if __name__ == "__main__":
    main()
