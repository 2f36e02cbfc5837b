#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# Make the secrets that gateways, workers and scalers share, where they are not there yet:
#
#   worker-token   a token; its file may hold several, one a line, and the first is the one that is shown
#   worker-tls     a certificate for the name `gateways`, its key, and the authority that made it
#
#   worker_secrets.sh [--namespace shop] [--context CONTEXT] [--kubeconfig FILE] [--renew]
#
# --renew makes both anew. The old token stays valid as the second line, so that nothing breaks while pods change over.
source "$(dirname "$0")/lib.sh"

namespace=shop
arguments=()
renew=''
while [ $# -gt 0 ]; do
    case $1 in
        --namespace) namespace=${2:?--namespace needs a name} && shift ;;
        --context | --kubeconfig) arguments+=("$1" "${2:?$1 needs a value}") && shift ;;
        --renew) renew=yes ;;
        *) die "'$1' is not understood; usage: worker_secrets.sh [--namespace NAME] [--context CONTEXT] [--kubeconfig FILE] [--renew]" ;;
    esac
    shift
done
need_kubectl
need openssl "your distribution has it as openssl"

kube() { kubectl ${arguments[@]+"${arguments[@]}"} --namespace "$namespace" "$@"; }
has() { kube get secret "$1" >/dev/null 2>&1; }
apply() { kube apply --server-side --force-conflicts --field-manager=shopfn-bootstrap --filename - >/dev/null; }

kube get namespace "$namespace" >/dev/null || die "there is no namespace $namespace, or the cluster does not answer; see above"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
umask 077

if [ -n "$renew" ] || ! has worker-token; then
    openssl rand -hex 32 >"$folder/token"
    if has worker-token; then
        kube get secret worker-token --output 'jsonpath={.data.token}' | base64 --decode | head -n 1 >>"$folder/token"
    fi
    kube create secret generic worker-token --from-file="token=$folder/token" --dry-run=client --output yaml | apply
    say "made the secret worker-token"
fi

if [ -n "$renew" ] || ! has worker-tls; then
    cd "$folder"
    openssl ecparam -name prime256v1 -genkey -noout -out ca.key
    openssl req -x509 -new -key ca.key -sha256 -days 3650 -subj "/CN=shopfn workers" -out ca.crt \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign"
    openssl ecparam -name prime256v1 -genkey -noout -out ec.key
    openssl pkcs8 -topk8 -nocrypt -in ec.key -out tls.key
    openssl req -new -key tls.key -subj "/CN=gateways" -out tls.csr
    printf '%s\n' "subjectAltName=DNS:gateways,DNS:gateways.$namespace,DNS:gateways.$namespace.svc" \
        "extendedKeyUsage=serverAuth" "basicConstraints=critical,CA:FALSE" >extensions
    openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -sha256 -extfile extensions -out tls.crt 2>/dev/null
    # The authority's key is kept nowhere: another certificate is another authority.
    kube create secret generic worker-tls --type=kubernetes.io/tls --from-file=tls.crt --from-file=tls.key --from-file=ca.crt \
        --dry-run=client --output yaml | apply
    say "made the secret worker-tls"
fi
