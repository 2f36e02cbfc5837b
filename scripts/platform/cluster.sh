# shellcheck shell=bash
# How the platform's scripts reach a cluster. Sourced after lib.sh.

KUBE_ARGUMENTS=()

kube() { kubectl "${KUBE_ARGUMENTS[@]}" "$@"; }

# connect CLUSTER HINT: by KUBE_CONTEXT, else by what EKS says, in a kubeconfig that is gone afterwards.
connect() {
    local cluster=$1 hint=$2 output
    need_kubectl
    if [ -n "${KUBE_CONTEXT:-}" ]; then
        KUBE_ARGUMENTS=(--context "$KUBE_CONTEXT")
    else
        need_aws
        KUBE_FOLDER=$(mktemp -d)
        trap 'rm -rf "$KUBE_FOLDER"' EXIT
        output=$(aws eks update-kubeconfig --name "$cluster" --kubeconfig "$KUBE_FOLDER/config" 2>&1) ||
            die "EKS does not know $cluster in ${AWS_REGION:-the default region}: $output. $hint"
        KUBE_ARGUMENTS=(--kubeconfig "$KUBE_FOLDER/config")
    fi
    output=$(kube version --request-timeout=10s 2>&1) ||
        die "the Kubernetes API of $cluster does not answer: $(printf '%s' "$output" | tail -n 1). Is your address in api_allowed_cidrs, and your role in admins? $hint"
}
