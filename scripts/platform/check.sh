#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# The platform's checks, with the tools they need fetched first. Run by make and CI.
#
#   check.sh terraform-validate|terraform-lint|terraform-test|emulator|kubernetes|workflows|delivery
#   check.sh all [PART…]      these parts, or every one, with a summary of what was skipped
#
# TERRAFORM names the program, such as tofu.
#
# What cannot run here is skipped with the reason, and named again at the end. PART_SECONDS bounds each part of `all`
# (default 1500).
source "$(dirname "$0")/lib.sh"

RESULTS=$(mktemp -d)
trap 'rm -rf "$RESULTS"' EXIT
# Where `all` collects what its parts skipped.
SKIPPED=${CHECK_SKIPPED:-$RESULTS/skipped}

skip() {
    say "SKIPPED $1: $2"
    printf '%s: %s\n' "$1" "$2" >>"$SKIPPED"
}

# The tools of requirements/checks.txt, first on the PATH.
with_tools() {
    local bin
    bin=$("$ROOT/scripts/platform/tools.sh" checks)
    export PATH=$bin:$PATH
}

# Terraform, and a way to its provider; else nothing of it can be checked.
has_terraform() {
    if [ -z "${TERRAFORM:-}" ] && ! command -v terraform >/dev/null 2>&1 && ! command -v tofu >/dev/null 2>&1; then
        skip "$1" "terraform is not installed"
        return 1
    fi
    TF=$(terraform_command) || exit
    if ! (terraform_init "$ROOT/terraform" -backend=false) 2>"$RESULTS/init"; then
        skip "$1" "neither the provider registry nor a mirror of it can be reached"
        return 1
    fi
}

# suite NAME…: Python tests by file.
suite() {
    with_tools
    (cd "$ROOT/Tests/Platform" && python3 -B -m unittest -v "$@" 2>&1) | tee "$RESULTS/suite.$1" | sed -n -E '/ \.\.\. (ok|skipped)/!p'
    # A test with a description has its name on the line before.
    sed -n -E "s/^(.* \\(([^ )]*)\\).*|(.*)) \\.\\.\\. skipped '(.*)'/\\2\\3: \\4/p" "$RESULTS/suite.$1" >>"$SKIPPED"
}

terraform_validate() {
    has_terraform terraform-validate || return 0
    say "$TF fmt and validate"
    "$TF" fmt -check -diff -recursive "$ROOT/terraform" || die "run: terraform fmt -recursive terraform"
    "$TF" -chdir="$ROOT/terraform" validate >/dev/null
    terraform_init "$ROOT/terraform/bootstrap" -backend=false
    "$TF" -chdir="$ROOT/terraform/bootstrap" validate >/dev/null
}

terraform_lint() {
    has_terraform terraform-lint || return 0
    terraform_validate
    say "checkov over what is committed of terraform/"
    local bin copy=$RESULTS/terraform
    bin=$("$ROOT/scripts/platform/tools.sh" checkov)
    # A copy without tests and caches: the parser it has can choke on test files.
    mkdir -p "$copy"
    (cd "$ROOT" && git ls-files -co --exclude-standard terraform | grep -v '/tests/' | tar -cf - -T -) | tar -xf - -C "$copy"
    HCL_PARSE_TIMEOUT_SEC=60 "$bin/checkov" --directory "$copy" --framework terraform --compact --quiet --skip-download
    # A skip without its reason would be a switch turned off in the dark.
    if grep -rnE 'checkov:skip=[A-Z0-9_]+ *$|checkov:skip=[A-Z0-9_]+: *$' "$ROOT/terraform" --include='*.tf'; then
        die "say why beside each skip: checkov:skip=ID: reason"
    fi
}

terraform_test() {
    has_terraform terraform-test || return 0
    say "every variable that can be wrong"
    suite test_variables
    say "terraform test, mocked provider"
    "$TF" -chdir="$ROOT/terraform" test -no-color | grep -v -E '\.\.\. (pass|in progress|tearing down)$'
    terraform_init "$ROOT/terraform/bootstrap" -backend=false
    "$TF" -chdir="$ROOT/terraform/bootstrap" test -no-color | grep -v -E '\.\.\. (pass|in progress|tearing down)$'
}

emulator() {
    has_terraform emulator || return 0
    suite test_emulator
}

kubernetes() {
    "$ROOT/scripts/platform/tools.sh" checkov >/dev/null
    suite test_kubernetes
}

delivery() { suite test_breaking test_changed_modules test_set_digests test_estimate test_documents test_cluster_scripts; }

workflows() { suite test_workflows; }

# all [PART…]: each part in a process that ends in bounded time with all it started. The emulator mostly waits for
# polling, so the others run beside it.
all() {
    local limit=${PART_SECONDS:-1500} log=$RESULTS/emulator.log parts=("$@") failed=() name other='' code
    [ $# -gt 0 ] || parts=(emulator workflows kubernetes delivery terraform-lint terraform-test)
    for name in "${parts[@]}"; do
        case $name in
            terraform-validate | terraform-lint | terraform-test | emulator | kubernetes | workflows | delivery) ;;
            *) die "there is no part $name" ;;
        esac
    done
    export CHECK_SKIPPED=$SKIPPED
    "$ROOT/scripts/platform/tools.sh" checks >/dev/null
    if [[ " ${parts[*]} " == *" emulator "* ]]; then
        mapfile -t parts < <(printf '%s\n' "${parts[@]}" | grep -v -x emulator || true)
        parts+=("emulator, beside the others")
        timeout --kill-after=30 "$limit" "$0" emulator >"$log" 2>&1 &
        other=$!
        # shellcheck disable=SC2064 # what they are now
        trap "kill $other 2>/dev/null || true; rm -rf '$RESULTS'" EXIT
    fi
    for name in "${parts[@]}"; do
        code=0
        say "$name ($SECONDS s)"
        if [[ $name == emulator,* ]]; then
            wait "$other" || code=$?
            cat "$log" >&2
        else
            timeout --kill-after=30 "$limit" "$0" "$name" || code=$?
        fi
        case $code in
            0) ;;
            124 | 137) failed+=("$name (took longer than $limit s)") ;;
            *) failed+=("$name") ;;
        esac
    done
    if [ -s "$SKIPPED" ]; then
        say "not checked here:"
        sort -u "$SKIPPED" | sed 's/^/  /' >&2
    fi
    [ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]}"
    say "these checks passed in $SECONDS s"
}

case ${1:-} in
    terraform-validate) terraform_validate ;;
    terraform-lint) terraform_lint ;;
    terraform-test) terraform_test ;;
    emulator | kubernetes | workflows | delivery) "$1" ;;
    all)
        shift
        all "$@"
        ;;
    *) die "knows terraform-validate, terraform-lint, terraform-test, emulator, kubernetes, workflows, delivery and all" ;;
esac
