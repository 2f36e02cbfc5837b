#!/usr/bin/env python3
"""Set the digests of delivered images in the GitOps overlay, and push that as one commit.

All or nothing: the work is done in a worktree of its own, checked as a whole, committed once and pushed once. Where
somebody else pushed meanwhile it starts anew from what they pushed. Whatever fails, the clone it was called in and
the remote branch are as before. A delivery of older sources never replaces a newer one's.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
MODULE = re.compile(r"^[a-z0-9]+([._-][a-z0-9]+)*$")
REPOSITORY = re.compile(r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9]+([._-][a-z0-9]+)*)+$")
SOURCE = re.compile(r"^# source: ([0-9a-f]{40})$", re.MULTILINE)
ATTEMPTS = 5

TEMPLATE = """\
# Written by scripts/platform/set_digests.py; change it with that.
# source: {source}
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
  - name: {module}
    newName: {repository}
    digest: {digest}
"""


class Failure(Exception):
    """Something to tell and end with."""


class Rejected(Exception):
    """Somebody pushed first."""


def git(*arguments, cwd=None, check=True):
    done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True)
    if check and done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        said = "\n".join(lines if len(lines) <= 6 else [*lines[:3], f"… {len(lines) - 4} lines more", lines[-1]])
        full = re.search("No space left|unable to write|cannot mkdir|could not create", said)
        raise Failure(f"`git {' '.join(arguments)}` failed: {said}" + ("\nis there room on the disk, in TMPDIR as well?" if full else ""))
    return done


def parse(pairs, registry):
    """module=sha256:… arguments as {module: (repository, digest)}; every mistake at once."""
    images, mistakes = {}, []
    for pair in pairs:
        module, separator, digest = pair.partition("=")
        if not separator or not MODULE.match(module):
            mistakes.append(f"{pair!r} is not MODULE=DIGEST, for example catalog=sha256:0123…")
        elif not DIGEST.match(digest):
            mistakes.append(f"{module}: {digest!r} is no digest; a tag can move, so give sha256: and 64 hexadecimal digits")
        elif module in images:
            mistakes.append(f"{module} is given twice")
        elif not REPOSITORY.match(f"{registry}/{module}"):
            mistakes.append(f"{registry!r} is no registry path; give it as in 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-dev")
        else:
            images[module] = (f"{registry}/{module}", digest)
    if mistakes:
        raise Failure("; ".join(mistakes))
    return images


def write(path, text):
    """Replace a file as a whole."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def is_ancestor(older, newer, cwd):
    return git("merge-base", "--is-ancestor", older, newer, cwd=cwd, check=False).returncode == 0


def update(tree, overlay, images, source):
    """Write what changes; returns the modules written."""
    written = []
    for module, (repository, digest) in sorted(images.items()):
        folder = os.path.join(tree, overlay, "images", module)
        path = os.path.join(folder, "kustomization.yaml")
        if not os.path.isfile(path):
            raise Failure(f"{overlay}/images/{module}/kustomization.yaml is not there: no function of the overlay runs the image "
                          f"{module}. Is its name right, and has its overlay been committed?")
        with open(path, encoding="utf-8") as file:
            before = file.read()
        delivered = SOURCE.search(before)
        if delivered and delivered.group(1) != source and not is_ancestor(delivered.group(1), source, tree):
            if is_ancestor(source, delivered.group(1), tree):
                print(f"set_digests: {module} already runs newer sources ({delivered.group(1)[:12]}), left as it is")
                continue
        after = TEMPLATE.format(module=module, repository=repository, digest=digest, source=source)
        if after != before:
            write(path, after)
            written.append(module)
    return written


def check(tree, overlay):
    """Build every kustomization of the overlay, so that nothing is pushed that Argo CD could not build."""
    functions = os.path.join(tree, overlay, "functions")
    folders = [os.path.join(tree, overlay)]
    if os.path.isdir(functions):
        folders += [os.path.join(functions, name) for name in sorted(os.listdir(functions))]
    for folder in folders:
        try:
            done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
        except FileNotFoundError:
            raise Failure("kubectl is missing; https://kubernetes.io/docs/tasks/tools says how to get it") from None
        if done.returncode != 0:
            raise Failure(f"{os.path.relpath(folder, tree)} does not build: {done.stderr.strip()}")


def attempt(options, images):
    """One try, from what the remote branch holds now. Returns the commit, or None where nothing changes."""
    git("fetch", "--quiet", options.remote, f"+refs/heads/{options.branch}:refs/remotes/{options.remote}/{options.branch}")
    with tempfile.TemporaryDirectory(prefix="set-digests-") as folder:
        tree = os.path.join(folder, "tree")
        git("worktree", "add", "--quiet", "--detach", tree, f"refs/remotes/{options.remote}/{options.branch}")
        try:
            source = git("rev-parse", "--verify", f"{options.source}^{{commit}}").stdout.strip()
            written = update(tree, options.overlay, images, source)
            if not written:
                return None
            check(tree, options.overlay)
            git("add", "--", *[f"{options.overlay}/images/{module}" for module in written], cwd=tree)
            identity = []
            if git("config", "user.email", cwd=tree, check=False).returncode != 0:
                identity = ["-c", "user.name=shopfn delivery", "-c", "user.email=delivery@shopfn.invalid"]
            body = "\n".join(f"{module}: {images[module][1]}" for module in written)
            git(*identity, "commit", "--quiet", "-m", f"Deliver {', '.join(written)}", "-m",
                f"Built from {source}.\n\n{body}", cwd=tree)
            commit = git("rev-parse", "HEAD", cwd=tree).stdout.strip()
            push = git("push", "--quiet", options.remote, f"{commit}:refs/heads/{options.branch}", cwd=tree, check=False)
            if push.returncode != 0:
                if re.search(r"rejected|fetch first|non-fast-forward|cannot lock ref|failed to update ref", push.stderr):
                    raise Rejected(push.stderr.strip())
                raise Failure(f"the push to {options.remote} failed: {push.stderr.strip()}")
            return commit
        finally:
            git("worktree", "remove", "--force", tree, check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="+", metavar="MODULE=DIGEST")
    parser.add_argument("--registry", required=True, help="path below which the images were pushed")
    parser.add_argument("--overlay", default="k8s/overlays/eks")
    parser.add_argument("--source", default="HEAD", help="commit the images were built from (default: HEAD)")
    parser.add_argument("--remote", default="origin")
    parser.add_argument("--branch", default="main")
    options = parser.parse_args()
    try:
        images = parse(options.images, options.registry)
        os.chdir(git("rev-parse", "--show-toplevel").stdout.strip())
        for number in range(1, ATTEMPTS + 1):
            try:
                commit = attempt(options, images)
            except Rejected as reason:
                if number == ATTEMPTS:
                    raise Failure(f"{options.remote}/{options.branch} refused the commit {ATTEMPTS} times: {reason}") from None
                print(f"set_digests: {options.branch} moved meanwhile, trying again from there", file=sys.stderr)
                continue
            print(f"set_digests: pushed {commit}" if commit else "set_digests: nothing to change")
            return
    except Failure as failure:
        sys.exit(f"set_digests: {failure}")


if __name__ == "__main__":
    main()
