# shellcheck shell=bash
# What the platform's scripts share. Sourced, never run.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PROGRAM=$(basename "$0" .sh)
# shellcheck disable=SC2034 # used by those who source this
TOOLS=$ROOT/.tools/platform

# A setting that leads nowhere makes Terraform warn with every command.
if [ -n "${TF_CLI_CONFIG_FILE:-}" ] && [ ! -e "$TF_CLI_CONFIG_FILE" ]; then
    unset TF_CLI_CONFIG_FILE
fi

# Terraform and the newer AWS CLI read the first, the older CLI only the second.
if [ -n "${AWS_REGION:-}" ]; then
    export AWS_DEFAULT_REGION=$AWS_REGION
fi

say() { printf '%s: %s\n' "$PROGRAM" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# need COMMAND HOW_TO_GET_IT
need() {
    command -v "$1" >/dev/null 2>&1 || die "$1 is missing; $2"
}

need_aws() { need aws "https://docs.aws.amazon.com/cli has it, or: pip install awscli"; }

# need_account: that AWS takes the credentials; says whose they are, for what follows is done to that account.
need_account() {
    local identity
    need_aws
    identity=$(aws sts get-caller-identity --query '[Account,Arn]' --output text 2>&1) ||
        die "AWS takes no credentials of yours: $(printf '%s' "$identity" | grep . | tail -n 1). \`aws sso login\`, \`aws configure\` or AWS_PROFILE gives some"
    say "account $(printf '%s' "$identity" | tr '\t' ' ')"
}
need_kubectl() { need kubectl "https://kubernetes.io/docs/tasks/tools has it, or: scripts/platform/install-tools.sh kubectl"; }
need_python() { need python3 "your distribution has it as python3"; }

# terraform_command: prints Terraform, or OpenTofu where only that is there.
terraform_command() {
    local candidate
    if [ -n "${TERRAFORM:-}" ] && ! command -v "$TERRAFORM" >/dev/null 2>&1; then
        die "TERRAFORM names $TERRAFORM, which is no program here"
    fi
    for candidate in ${TERRAFORM:+"$TERRAFORM"} terraform tofu; do
        if command -v "$candidate" >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    die "terraform is missing; https://developer.hashicorp.com/terraform/install has it, or: scripts/platform/install-tools.sh terraform"
}

# provider_mirror: prints a folder that already holds the AWS provider, if there is one. A machine without a way to the
# registry keeps providers in such a folder; TF_PLUGIN_MIRROR names it where it lies somewhere unusual.
provider_mirror() {
    local folder
    for folder in "${TF_PLUGIN_MIRROR:-}" "$HOME/.terraform.d/plugins" /usr/local/share/terraform/plugins /usr/share/terraform/plugins /opt/*; do
        if [ -n "$folder" ] && [ -d "$folder/registry.terraform.io/hashicorp/aws" ]; then
            printf '%s\n' "$folder"
            return
        fi
    done
}

# terraform_init FOLDER ARGUMENTS…: from the registry, else from a mirror on this machine.
terraform_init() {
    local folder=$1 output mirror
    shift
    if output=$("$TF" -chdir="$folder" init -input=false -no-color "$@" 2>&1); then
        return
    fi
    mirror=$(provider_mirror)
    if [ -n "$mirror" ] && output=$("$TF" -chdir="$folder" init -input=false -no-color -plugin-dir="$mirror" "$@" 2>&1); then
        say "the provider registry does not answer; using the AWS provider in $mirror"
        return
    fi
    printf '%s\n' "$output" >&2
    die "terraform init failed in $folder; where the registry cannot be reached, TF_PLUGIN_MIRROR may name a folder made by \`terraform providers mirror\`"
}

# confirm WORD QUESTION: goes on only if WORD is typed, or CONFIRM=yes says so beforehand.
confirm() {
    local answer
    if [ "${CONFIRM:-}" = yes ]; then
        return
    fi
    if [ ! -t 0 ]; then
        die "nobody is there to confirm; set CONFIRM=yes if that is what you want"
    fi
    read -r -p "$2 Type $1 to go on: " answer
    [ "$answer" = "$1" ] || die "not confirmed, nothing was changed"
}
