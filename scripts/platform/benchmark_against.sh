#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# Run `make bench` here and at another commit, one after the other on one machine, and print the comparison as Markdown.
#
#   benchmark_against.sh origin/main
source "$(dirname "$0")/lib.sh"

base=${1:?usage: benchmark_against.sh COMMIT}
need_python
need make "your distribution has it as make"
git -C "$ROOT" rev-parse --verify --quiet "$base^{commit}" >/dev/null || die "there is no commit $base; fetch it first"

work=$(mktemp -d)
trap 'git -C "$ROOT" worktree remove --force "$work/base" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
git -C "$ROOT" worktree add --quiet --detach "$work/base" "$base"

measure() {
    local tree=$1 output=$2
    if ! make --silent -C "$tree" -n bench >/dev/null 2>&1; then
        echo "there is no benchmark at this commit" >"$output"
    elif ! make --silent -C "$tree" bench >"$output" 2>"$output.errors"; then
        tail -n 20 "$output.errors" >&2
        die "make bench failed in $tree"
    fi
}

measure "$work/base" "$work/base.txt"
measure "$ROOT" "$work/head.txt"
python3 "$ROOT/scripts/platform/compare_benchmarks.py" "$work/base.txt" "$work/head.txt"
