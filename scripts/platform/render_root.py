#!/usr/bin/env python3
"""Print the root Application of Argo CD, and the project it belongs to, as JSON that `kubectl apply` takes.

The manifests below k8s/argocd/apps name a stand-in for this repository's address. The root Application carries the
patches that put the true address, revision and domain in their place, so that nothing has to be edited by hand and
a fork needs no change of its own.
"""

import argparse
import json
import re
import sys

IN_CLUSTER = "https://kubernetes.default.svc"
URL = re.compile(r"^(https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._/-]+|ssh://git@[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._/-]+|git@[A-Za-z0-9.-]+:[A-Za-z0-9._/-]+)$")
REVISION = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")
DOMAIN = re.compile(r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")

# Applications below k8s/argocd/apps whose source is this repository.
OWN_APPLICATIONS = ["nodes-and-volumes", "shop"]


def patch(kind, name, *changes):
    """A JSON patch in the form that Argo CD's kustomize options take."""
    operations = [{"op": "replace", "path": path, "value": value} for path, value in changes]
    return {"target": {"kind": kind, "name": name}, "patch": json.dumps(operations)}


def patches(repository, revision, domain):
    """Every place that names this repository, its revision or the domain."""
    result = [
        patch("Application", name, ("/spec/source/repoURL", repository), ("/spec/source/targetRevision", revision))
        for name in OWN_APPLICATIONS
    ]
    result.append(patch("AppProject", "shop", ("/spec/sourceRepos", [repository])))
    result.append(patch(
        "ApplicationSet", "functions",
        ("/spec/generators/0/git/repoURL", repository),
        ("/spec/generators/0/git/revision", revision),
        ("/spec/template/spec/source/repoURL", repository),
        ("/spec/template/spec/source/targetRevision", revision),
    ))
    if domain:
        result.append(patch("Application", "external-dns", ("/spec/source/helm/valuesObject/domainFilters", [domain])))
    return result


def root(repository, revision, domain=None):
    """The project that may hold nothing but Argo CD's own resources, and the Application in it."""
    kustomize = {"patches": patches(repository, revision, domain)}
    if domain:
        kustomize["components"] = ["../components/external-dns"]
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "root", "namespace": "argocd"},
        "spec": {
            "description": "Argo CD's own projects and Applications",
            "sourceRepos": [repository],
            "destinations": [{"server": IN_CLUSTER, "namespace": "argocd"}],
            "namespaceResourceWhitelist": [
                {"group": "", "kind": "ConfigMap"},
                {"group": "argoproj.io", "kind": "AppProject"},
                {"group": "argoproj.io", "kind": "Application"},
                {"group": "argoproj.io", "kind": "ApplicationSet"},
            ],
        },
    }
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "root", "namespace": "argocd"},
        "spec": {
            "project": "root",
            "source": {
                "repoURL": repository,
                "targetRevision": revision,
                "path": "k8s/argocd/apps",
                "kustomize": kustomize,
            },
            "destination": {"server": IN_CLUSTER, "namespace": "argocd"},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                "retry": {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"}},
            },
        },
    }
    return {"apiVersion": "v1", "kind": "List", "items": [project, application]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repository", required=True, help="address Argo CD clones from, https or ssh")
    parser.add_argument("--revision", default="main", help="branch, tag or commit (default: main)")
    parser.add_argument("--domain", help="the shop's domain, if external-dns is to keep its records")
    options = parser.parse_args()
    if not URL.match(options.repository):
        sys.exit(f"render_root: {options.repository!r} is no address Argo CD can clone from; "
                 "give https://HOST/PATH.git or git@HOST:PATH.git, without a user's password in it")
    if not REVISION.match(options.revision):
        sys.exit(f"render_root: {options.revision!r} is no branch, tag or commit")
    if options.domain and not DOMAIN.match(options.domain):
        sys.exit(f"render_root: {options.domain!r} is no domain; give it as in shop.example.com")
    json.dump(root(options.repository, options.revision, options.domain), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
