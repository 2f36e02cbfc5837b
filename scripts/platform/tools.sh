#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# Make the tools that the platform's checks use available below .tools/platform, pinned, and print their folder.
#
#   tools.sh NAME      NAME is a requirements file beside this script: checks, checkov or actionlint
source "$(dirname "$0")/lib.sh"

name=${1:?usage: tools.sh checks|checkov|actionlint}
requirements=$ROOT/scripts/platform/requirements/$name.txt
[ -f "$requirements" ] || die "there is no $requirements"
need_python

venv=$TOOLS/$name
stamp=$venv/.requirements
if ! cmp -s "$requirements" "$stamp"; then
    say "installing $(grep -cv '^#' "$requirements") packages of $name from PyPI (once)"
    rm -rf "$venv"
    mkdir -p "$TOOLS"
    if ! output=$(python3 -m venv "$venv" 2>&1 && "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" 2>&1); then
        rm -rf "$venv"
        printf '%s\n' "$output" | tail -n 5 >&2
        die "could not install $name; is PyPI reachable, and is python3-venv there?"
    fi
    cp "$requirements" "$stamp"
fi
printf '%s\n' "$venv/bin"
