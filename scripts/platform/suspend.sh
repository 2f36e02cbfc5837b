#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# Send a cluster to sleep, or wake it: no pod, so no node. State, images and the control plane stay.
#
#   suspend.sh suspend shop-dev
#   suspend.sh resume shop-dev
#
# How many pods each controller had is written on it, so that waking restores exactly that, whoever does it and whenever.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/cluster.sh"

action=${1:?usage: suspend.sh suspend|resume CLUSTER}
cluster=${2:?usage: suspend.sh suspend|resume CLUSTER}
MARK=shopfn.io/replicas-before-suspend

# controllers: KIND NAMESPACE NAME REPLICAS MARK for each controller of pods outside kube-system, Argo CD's first.
controllers() {
    kube get statefulsets,deployments --all-namespaces --output \
        'jsonpath={range .items[*]}{.kind}{" "}{.metadata.namespace}{" "}{.metadata.name}{" "}{.spec.replicas}{" "}{.metadata.annotations.shopfn\.io/replicas-before-suspend}{"\n"}{end}' |
        sed -E '/^[^ ]+ kube-(system|public|node-lease) /d' |
        awk '{ print ($2 == "argocd" ? 0 : $2 == "keda" || $3 ~ /autoscaler/ ? 1 : 2), $0 }' | sort -s -n -k1,1 | cut -d' ' -f2-
}

suspend() {
    # Argo CD first, then the scalers: each would undo what follows.
    controllers | while read -r kind namespace name replicas mark; do
        if [ "$replicas" = 0 ]; then
            continue
        fi
        # A mark that is there already is the truth of an earlier run that did not finish.
        if [ -z "$mark" ]; then
            kube --namespace "$namespace" annotate "$kind/$name" "$MARK=$replicas" >/dev/null
        fi
        kube --namespace "$namespace" scale "$kind/$name" --replicas=0 >/dev/null
        say "$namespace/$name: $replicas → 0"
    done
    say "$cluster sleeps; nodes end within minutes. make resume wakes it"
}

resume() {
    # The other way round: those who decide come last, when what they decide about is there.
    controllers | tac | while read -r kind namespace name replicas mark; do
        if [ -z "$mark" ]; then
            continue
        fi
        kube --namespace "$namespace" scale "$kind/$name" --replicas="$mark" >/dev/null
        kube --namespace "$namespace" annotate "$kind/$name" "$MARK-" >/dev/null
        say "$namespace/$name: $replicas → $mark"
    done
    say "$cluster wakes; the first pods run when a node is there, after about a minute"
}

case $action in
    suspend | resume)
        connect "$cluster" ""
        "$action"
        ;;
    *) die "knows suspend and resume, not $action" ;;
esac
