# shellcheck shell=bash
# How the platform's scripts reach a cluster. Sourced after lib.sh.

KUBE_ARGUMENTS=()

kube() { kubectl "${KUBE_ARGUMENTS[@]}" "$@"; }

# open_api CLUSTER: lets this machine's address in, for one that has no fixed address, such as a hosted runner. What
# Terraform said holds again with its next apply.
open_api() {
    local cluster=$1 address open
    need curl "your distribution has it as curl"
    address=$(curl --fail --silent --show-error --max-time 10 https://checkip.amazonaws.com) || die "this machine's own address could not be found out"
    [[ $address =~ ^[0-9.]+$ ]] || die "'$address' is no IPv4 address"
    open=$(aws eks describe-cluster --name "$cluster" --query 'cluster.resourcesVpcConfig.publicAccessCidrs' --output text | tr '\t' ',')
    case ",$open," in
        *",$address/32,"*) return ;;
    esac
    say "letting $address in to the Kubernetes API of $cluster"
    aws eks update-cluster-config --name "$cluster" --resources-vpc-config "endpointPublicAccess=true,publicAccessCidrs=${open:+$open,}$address/32" >/dev/null
    # The update is begun a moment after it was asked for.
    sleep 5
    aws eks wait cluster-active --name "$cluster"
}

# connect CLUSTER HINT: by KUBE_CONTEXT, else by what EKS says, in a kubeconfig that is gone afterwards.
# OPEN_API=yes lets this machine's address in first.
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
        if [ "${OPEN_API:-}" = yes ]; then
            open_api "$cluster"
        fi
    fi
    output=$(kube version --request-timeout=10s 2>&1) ||
        die "the Kubernetes API of $cluster does not answer: $(printf '%s' "$output" | tail -n 1). Is your address in api_allowed_cidrs, and your role in admins? $hint"
}
