#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# Remove from a cluster what it made in AWS and Terraform knows nothing of: load balancers and volumes. Without this
# they would outlive the cluster, go on being billed, and keep the VPC from being deleted.
#
#   empty-cluster.sh shop-dev
#
# KUBE_CONTEXT  context to use; without it, the cluster is looked up in EKS
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/cluster.sh"

cluster=${1:?usage: empty-cluster.sh CLUSTER}
connect "$cluster" "If the cluster is gone already, set SKIP_CLUSTER=yes."

# First whoever would put back what is deleted next.
if kube get namespace argocd >/dev/null 2>&1; then
    say "stopping Argo CD"
    for kind in deployments statefulsets; do
        kube --namespace argocd get "$kind" --output name | while read -r controller; do
            kube --namespace argocd scale --replicas=0 "$controller" >/dev/null
        done
    done
fi

say "deleting ingresses, load balancers and volumes"
kube delete ingresses --all --all-namespaces --wait=true --timeout=10m
kube get services --all-namespaces --output 'jsonpath={range .items[?(@.spec.type=="LoadBalancer")]}{.metadata.namespace} {.metadata.name}{"\n"}{end}' |
    while read -r namespace service; do
        kube --namespace "$namespace" delete service "$service" --wait=true --timeout=10m
    done

# A claim goes only when no pod uses it.
namespaces=$(kube get persistentvolumeclaims --all-namespaces --output 'jsonpath={range .items[*]}{.metadata.namespace}{"\n"}{end}' | sort -u)
for namespace in $namespaces; do
    for kind in deployments statefulsets; do
        kube --namespace "$namespace" get "$kind" --output name | while read -r controller; do
            kube --namespace "$namespace" scale --replicas=0 "$controller" >/dev/null
        done
    done
    kube --namespace "$namespace" delete persistentvolumeclaims --all --wait=true --timeout=10m
done
say "$cluster holds nothing in AWS but its nodes"
