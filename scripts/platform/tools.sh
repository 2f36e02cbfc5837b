#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# Make the tools that the platform's checks use available below .tools/platform, pinned, and print their folder.
#
#   tools.sh NAME      NAME is a requirements file beside this script: checks or checkov
source "$(dirname "$0")/lib.sh"

name=${1:?usage: tools.sh checks|checkov}
requirements=$ROOT/scripts/platform/requirements/$name.txt
[ -f "$requirements" ] || die "there is no $requirements"
need_python
python3 -c 'import ensurepip, venv' 2>/dev/null || die "python3 cannot make virtual environments; Debian and Ubuntu have that as python3-venv, or: scripts/ensure python"

venv=$TOOLS/$name
stamp=$venv/.requirements
if ! cmp -s "$requirements" "$stamp"; then
    say "installing $(grep -cv '^#' "$requirements") packages of $name from PyPI (once)"
    rm -rf "$venv"
    mkdir -p "$TOOLS"
    if ! output=$(python3 -m venv "$venv" 2>&1 && "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" 2>&1); then
        rm -rf "$venv"
        printf '%s\n' "$output" | tail -n 5 >&2
        die "could not install $name from PyPI; is it reachable, and is there room on the disk?"
    fi
    cp "$requirements" "$stamp"
fi
printf '%s\n' "$venv/bin"
