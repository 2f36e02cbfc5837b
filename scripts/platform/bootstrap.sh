#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# From an empty cluster to Argo CD syncing this repository.
#
#   CLUSTER=shop-dev bootstrap.sh
#
# CLUSTER          the EKS cluster
# KUBE_CONTEXT     use this context of the kubeconfig rather than asking EKS
# REPOSITORY       address Argo CD clones from (default: the remote `origin`, as https)
# REVISION         branch to follow (default main)
# DOMAIN           the shop's domain, if external-dns is to keep its records
# VALKEY_SECRET    secret in Secrets Manager with Valkey's user and password (terraform output valkey)
# VALKEY_ADDRESS   Valkey's host and port, with VALKEY_SECRET
# ARGOCD_MANIFEST  file or address of Argo CD's install.yaml (default: the pinned release on GitHub)
#
# It can be run again at any time, and then changes only what differs.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/cluster.sh"

ARGOCD_VERSION=v3.0.6
: "${CLUSTER:?say which cluster: make bootstrap CLUSTER=shop-dev}"
manifest=${ARGOCD_MANIFEST:-https://raw.githubusercontent.com/argoproj/argo-cd/$ARGOCD_VERSION/manifests/install.yaml}
revision=${REVISION:-main}
need_python

# An address without credentials that Argo CD can use from within the cluster.
repository=${REPOSITORY:-}
if [ -z "$repository" ]; then
    repository=$(git -C "$ROOT" config --get remote.origin.url) || die "there is no remote origin; give REPOSITORY=https://github.com/OWNER/NAME.git"
    repository=$(printf '%s' "$repository" | sed -E 's#^git@([^:]+):#https://\1/#; s#^(https://)[^@/]*@#\1#')
fi
[ -z "${VALKEY_SECRET:-}" ] || [ -n "${VALKEY_ADDRESS:-}" ] || die "VALKEY_SECRET needs VALKEY_ADDRESS=host:port beside it; terraform output valkey shows both"

# Everything that can be wrong with the arguments is found before the cluster is touched.
root=$(python3 "$ROOT/scripts/platform/render_root.py" --repository "$repository" --revision "$revision" ${DOMAIN:+--domain "$DOMAIN"})
connect "$CLUSTER" ""
[ "$(kube auth can-i create customresourcedefinitions 2>/dev/null)" = yes ] ||
    die "you may not install Argo CD in $CLUSTER; it takes cluster-wide rights: is your role in Terraform's admins?"

namespace() {
    kube create namespace "$1" --dry-run=client --output yaml | kube apply --server-side --field-manager=shopfn-bootstrap --filename - >/dev/null
}

say "installing Argo CD from $manifest"
namespace argocd
kube apply --namespace argocd --server-side --force-conflicts --field-manager=shopfn-bootstrap --filename "$manifest" >/dev/null
kube wait --for=condition=Established --timeout=60s crd/applications.argoproj.io crd/appprojects.argoproj.io crd/applicationsets.argoproj.io >/dev/null
for kind in deployments statefulsets; do
    for controller in $(kube --namespace argocd get "$kind" --output name); do
        kube --namespace argocd rollout status "$controller" --timeout=5m >/dev/null ||
            die "$controller of Argo CD does not start; look at: kubectl -n argocd describe $controller"
    done
done

if [ -n "${VALKEY_SECRET:-}" ]; then
    need_aws
    say "carrying Valkey's credentials into the cluster"
    namespace shop
    aws secretsmanager get-secret-value --secret-id "$VALKEY_SECRET" --query SecretString --output text |
        VALKEY_ADDRESS=$VALKEY_ADDRESS python3 "$ROOT/scripts/platform/valkey_secret.py" |
        kube apply --server-side --force-conflicts --field-manager=shopfn-bootstrap --filename - >/dev/null
fi

# What gateways and workers know each other by is made here and stays in the cluster: Git must not hold it.
namespace shop
"$ROOT/scripts/platform/worker_secrets.sh" --namespace shop ${KUBE_ARGUMENTS[@]+"${KUBE_ARGUMENTS[@]}"}

say "handing over to Argo CD: $repository at $revision"
printf '%s\n' "$root" | kube apply --server-side --force-conflicts --field-manager=shopfn-bootstrap --filename - >/dev/null
say "done; watch it with: kubectl -n argocd get applications"
