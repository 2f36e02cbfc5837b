#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# List what is left of an environment in AWS, and fail if anything is.
#
#   remaining.sh shop-dev
#
# AWS is asked by tag, not the state of Terraform: load balancers, volumes and nodes are made by the cluster, and what a
# failed run left is in no state at all. The index of tags lags behind by minutes, so it is asked again for a while.
#
# REMAINING_SECONDS  how long to ask again (default 300)
# KEEP_CLOCK=yes     the budget and what acts by the clock stay, and do not count: they are billed by use alone
source "$(dirname "$0")/lib.sh"

environment=${1:?usage: remaining.sh ENVIRONMENT}
seconds=${REMAINING_SECONDS:-300}
[[ $seconds =~ ^[0-9]+$ ]] || die "REMAINING_SECONDS must be a number of seconds, not '$seconds'"
need_aws

# By what Terraform tags, and by what EKS Auto Mode tags on behalf of the cluster.
filters=(
    "Key=shopfn:environment,Values=$environment"
    "Key=eks:eks-cluster-name,Values=$environment"
    "Key=elbv2.k8s.aws/cluster,Values=$environment"
    "Key=kubernetes.io/cluster/$environment"
)

tagged() {
    local filter
    for filter in "${filters[@]}"; do
        aws resourcegroupstaggingapi get-resources --tag-filters "$filter" --query 'ResourceTagMappingList[].ResourceARN' --output text |
            tr '\t' '\n' | grep -v -x -E 'None|' || true
    done | sort -u
}

# What is deleted already but still listed, and costs nothing: a key or secret that waits out its grace,
# a node, gateway or endpoint that ended within the last hour.
gone() {
    local arn=$1 answer
    if [ "${KEEP_CLOCK:-}" = yes ]; then
        case $arn in
            arn:*:iam::*:role/"$environment"-by-the-clock | arn:*:iam::*:role/"$environment"-scheduler | \
                arn:*:codebuild:*:project/"$environment"-by-the-clock | arn:*:budgets::*:budget/"$environment"-monthly | \
                arn:*:logs:*:log-group:/aws/codebuild/"$environment"-by-the-clock*) return 0 ;;
        esac
    fi
    case $arn in
        arn:*:kms:*:key/*)
            answer=$(aws kms describe-key --key-id "$arn" --query KeyMetadata.KeyState --output text 2>&1) || true
            [[ $answer == PendingDeletion || $answer == *NotFoundException* ]]
            ;;
        arn:*:secretsmanager:*)
            answer=$(aws secretsmanager describe-secret --secret-id "$arn" --query DeletedDate --output text 2>&1) || true
            [[ $answer =~ ^[0-9] || $answer == *ResourceNotFoundException* ]]
            ;;
        arn:*:ec2:*:instance/*)
            answer=$(aws ec2 describe-instances --instance-ids "${arn##*/}" --query 'Reservations[].Instances[].State.Name' --output text 2>&1) || true
            [[ $answer == terminated || -z $answer || $answer == *InvalidInstanceID.NotFound* ]]
            ;;
        arn:*:ec2:*:natgateway/*)
            answer=$(aws ec2 describe-nat-gateways --nat-gateway-ids "${arn##*/}" --query 'NatGateways[].State' --output text 2>&1) || true
            [[ $answer == deleted || -z $answer || $answer == *NatGatewayNotFound* ]]
            ;;
        arn:*:ec2:*:vpc-endpoint/*)
            answer=$(aws ec2 describe-vpc-endpoints --vpc-endpoint-ids "${arn##*/}" --query 'VpcEndpoints[].State' --output text 2>&1) || true
            [[ $answer == deleted || -z $answer || $answer == *InvalidVpcEndpointId.NotFound* ]]
            ;;
        *) return 1 ;;
    esac
}

# If AWS cannot be asked, nothing is known, and nothing is not the same as nothing left.
aws resourcegroupstaggingapi get-resources --tag-filters "${filters[0]}" --resources-per-page 1 >/dev/null ||
    die "AWS could not be asked what is left of $environment; are there credentials, and is AWS_REGION right?"

deadline=$((SECONDS + seconds))
while :; do
    left=()
    while read -r arn; do
        [ -z "$arn" ] || gone "$arn" || left+=("$arn")
    done < <(tagged)
    if [ ${#left[@]} -eq 0 ]; then
        say "nothing is left of $environment"
        exit 0
    fi
    [ $SECONDS -lt $deadline ] || break
    say "${#left[@]} still listed, asking again in 15 s"
    sleep $((seconds < 15 ? 1 : 15))
done
say "still there, and perhaps billed:"
printf '  %s\n' "${left[@]}" >&2
die "delete these by hand (or find who still makes them), then run this again"
