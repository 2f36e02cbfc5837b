#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# Destroy every environment that is tagged as ephemeral, or with --list only name them.
#
# One that fails does not keep the others; the exit code tells whether any did.
source "$(dirname "$0")/lib.sh"
need_aws

need_python

tagged=$(aws resourcegroupstaggingapi get-resources --tag-filters Key=shopfn:ephemeral,Values=true --output json) ||
    die "AWS could not be asked which environments there are; are there credentials, and is AWS_REGION set?"
found=$(printf '%s' "$tagged" | python3 -c '
import json, sys
names = set()
for resource in json.load(sys.stdin)["ResourceTagMappingList"]:
    names.update(tag["Value"] for tag in resource["Tags"] if tag["Key"] == "shopfn:environment")
print("\n".join(sorted(names)))')
if [ -z "$found" ]; then
    say "no ephemeral environment is there"
    exit 0
fi
if [ "${1:-}" = --list ]; then
    printf '%s\n' "$found"
    exit 0
fi
failed=()
for environment in $found; do
    say "destroying $environment"
    if ! SHOP_NAME=${environment%%-*} ENVIRONMENT=${environment#*-} CONFIRM=yes "$ROOT/scripts/platform/environment.sh" down; then
        failed+=("$environment")
    fi
done
[ ${#failed[@]} -eq 0 ] || die "could not be destroyed: ${failed[*]}"
