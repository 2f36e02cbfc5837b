#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# An environment in AWS, from nothing to everything and back.
#
#   environment.sh plan      show what `up` would do, and what it would cost
#   environment.sh up        the same, then do it
#   environment.sh down      destroy it, and verify that nothing billable is left
#   environment.sh remaining list what carries the environment's tag
#
# ENVIRONMENT   which one (default dev); terraform/environments/NAME.tfvars holds its choices, if there is such a file
# STATE_BUCKET  bucket of terraform/bootstrap; without it the state stays in terraform/
# STATE_REGION  the bucket's region (default AWS_REGION, else us-east-1)
# LOCK_TABLE    lock with this DynamoDB table rather than with a file in the bucket (Terraform before 1.10)
# CONFIRM=yes   do not ask
# SKIP_CLUSTER=yes  `down` does not first empty the cluster, because it cannot be reached any more
# KEEP_CLOCK=yes    `down` leaves the budget and what acts by the clock, which costs cents: it is run with that role's rights
source "$(dirname "$0")/lib.sh"

ENVIRONMENT=${ENVIRONMENT:-dev}
NAME=${SHOP_NAME:-shop}
STATE_REGION=${STATE_REGION:-${AWS_REGION:-us-east-1}}
CONFIGURATION=${TERRAFORM_DIR:-$ROOT/terraform}

[[ $ENVIRONMENT =~ ^[a-z][a-z0-9]{1,11}$ ]] || die "ENVIRONMENT must be 2 to 12 lower-case letters and digits, starting with a letter, not '$ENVIRONMENT'"
[[ $NAME =~ ^[a-z][a-z0-9]{1,11}$ ]] || die "SHOP_NAME must be 2 to 12 lower-case letters and digits, starting with a letter, not '$NAME'"

# A repository variable that is not set arrives as nothing, which is not the same as not being given.
for variable in $(compgen -e TF_VAR_); do
    [ -n "${!variable}" ] || unset "$variable"
done

work=
cleanup() { [ -z "$work" ] || rm -rf "$work"; }
trap cleanup EXIT

# Choices of the environment, as arguments.
choices() {
    printf '%s\n' "-var=name=$NAME" "-var=environment=$ENVIRONMENT"
    if [ -f "$CONFIGURATION/environments/$ENVIRONMENT.tfvars" ]; then
        printf '%s\n' "-var-file=environments/$ENVIRONMENT.tfvars"
    fi
}

initialise() {
    TF=$(terraform_command)
    need_python
    work=$(mktemp -d)
    if [ -n "${STATE_BUCKET:-}" ]; then
        [[ $STATE_BUCKET =~ ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$ ]] || die "STATE_BUCKET '$STATE_BUCKET' is no bucket's name; terraform/bootstrap puts it out as state_bucket"
        printf 'terraform {\n  backend "s3" {}\n}\n' >"$CONFIGURATION/backend_override.tf"
        local lock="use_lockfile=true"
        [ -z "${LOCK_TABLE:-}" ] || lock="dynamodb_table=$LOCK_TABLE"
        terraform_init "$CONFIGURATION" -reconfigure -backend-config="bucket=$STATE_BUCKET" -backend-config="region=$STATE_REGION" \
            -backend-config="key=environments/$NAME-$ENVIRONMENT.tfstate" -backend-config="encrypt=true" -backend-config="$lock" \
            ${BACKEND_CONFIG:+-backend-config="$BACKEND_CONFIG"}
    else
        rm -f "$CONFIGURATION/backend_override.tf"
        terraform_init "$CONFIGURATION" -reconfigure
    fi
}

# A plan in $work/plan, shown, with what it costs.
plan() {
    local arguments
    mapfile -t arguments < <(choices)
    "$TF" -chdir="$CONFIGURATION" plan -input=false -out="$work/plan" "${arguments[@]}"
    "$TF" -chdir="$CONFIGURATION" show -json "$work/plan" >"$work/plan.json"
    python3 "$ROOT/scripts/platform/estimate.py" --plan "$work/plan.json"
}

up() {
    need_account
    initialise
    plan
    confirm "$NAME-$ENVIRONMENT" "Apply this plan."
    "$TF" -chdir="$CONFIGURATION" apply -input=false "$work/plan"
    say "next: make bootstrap CLUSTER=$NAME-$ENVIRONMENT"
}

# The region is a fact of the state, not of who calls.
region_of_state() { "$TF" -chdir="$CONFIGURATION" output -raw region 2>/dev/null || true; }

# What the state holds of the environment, by address.
held() {
    local addresses
    # Where there is no state yet, there is nothing in it.
    addresses=$({ "$TF" -chdir="$CONFIGURATION" state list 2>/dev/null || true; } | sed -E '/(^|\.)data\./d')
    if [ "${KEEP_CLOCK:-}" = yes ]; then
        addresses=$(printf '%s' "$addresses" | sed -E '/^module\.budget\b/d')
    fi
    printf '%s' "$addresses"
}

down() {
    need_account
    initialise
    local region arguments addresses module targets=() marked=()
    addresses=$(held)
    if [ -z "$addresses" ]; then
        say "the state of $NAME-$ENVIRONMENT is empty; looking for what it left"
        "$ROOT/scripts/platform/remaining.sh" "$NAME-$ENVIRONMENT"
        return
    fi
    region=$(region_of_state)
    mapfile -t arguments < <(choices)
    # Destroying needs no choice, but Terraform asks for those without a default.
    export TF_VAR_api_allowed_cidrs=${TF_VAR_api_allowed_cidrs:-[]} TF_VAR_admins=${TF_VAR_admins:-[]}
    arguments+=("-var=ephemeral=true" ${region:+"-var=region=$region"})
    export AWS_REGION=${region:-$STATE_REGION} AWS_DEFAULT_REGION=${region:-$STATE_REGION}
    if [ "${KEEP_CLOCK:-}" = yes ]; then
        # Every module but the budget, and with them what depends on them.
        mapfile -t targets < <(sed -n 's/^module "\(.*\)" {$/-target=module.\1/p' "$CONFIGURATION"/*.tf | grep -v -x -e '-target=module.budget')
    fi

    "$TF" -chdir="$CONFIGURATION" plan -destroy -input=false -out="$work/plan" "${arguments[@]}" "${targets[@]}"
    "$TF" -chdir="$CONFIGURATION" show -json "$work/plan" >"$work/plan.json"
    python3 "$ROOT/scripts/platform/estimate.py" --plan "$work/plan.json" --saved
    confirm "$NAME-$ENVIRONMENT" "Destroy all of this, data included."

    # A run that was cut short may have destroyed the cluster already.
    if [ "${SKIP_CLUSTER:-}" != yes ] && grep -q -x -F 'module.cluster.aws_eks_cluster.this' <<<"$addresses"; then
        "$ROOT/scripts/platform/empty-cluster.sh" "$NAME-$ENVIRONMENT"
    fi
    # Repositories with images, a zone with others' records: only what is marked so beforehand lets itself be deleted.
    # A module that is gone already must not be named: it would be made anew.
    for module in registry dns; do
        if grep -q "^module\.$module\b" <<<"$addresses"; then
            marked+=("-target=module.$module")
        fi
    done
    if [ ${#marked[@]} -gt 0 ]; then
        "$TF" -chdir="$CONFIGURATION" apply -input=false -auto-approve -compact-warnings "${arguments[@]}" "${marked[@]}"
    fi
    "$TF" -chdir="$CONFIGURATION" destroy -input=false -auto-approve "${arguments[@]}" "${targets[@]}"
    "$ROOT/scripts/platform/remaining.sh" "$NAME-$ENVIRONMENT"
    say "$NAME-$ENVIRONMENT is gone"
}

case ${1:-} in
    plan)
        initialise
        plan
        ;;
    up) up ;;
    down) down ;;
    remaining) exec "$ROOT/scripts/platform/remaining.sh" "$NAME-$ENVIRONMENT" ;;
    *) die "say what to do: plan, up, down or remaining" ;;
esac
