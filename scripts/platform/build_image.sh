#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
#
# Build a module's image, push it with its provenance and a bill of materials, and print MODULE=DIGEST.
#
#   build_image.sh MODULE REGISTRY
#
# The tag is the commit. What is pushed already is not built again: tags do not move.
source "$(dirname "$0")/lib.sh"

module=${1:?usage: build_image.sh MODULE REGISTRY}
registry=${2:?usage: build_image.sh MODULE REGISTRY}
[[ $module =~ ^[a-z0-9]+([._-][a-z0-9]+)*$ ]] || die "'$module' is no module's name"
[[ $registry =~ ^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9]+([._-][a-z0-9]+)*)*$ ]] || die "'$registry' is no registry path; give it as in 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-dev"
commit=$(git -C "$ROOT" rev-parse HEAD)
[ -z "$(git -C "$ROOT" status --porcelain --untracked-files=no)" ] || die "there are uncommitted changes: an image must be what its commit says; commit or stash them"
need docker "https://docs.docker.com/engine/install has it; or use \`shopfn image\`, which needs no daemon"
need_python
docker buildx version >/dev/null 2>&1 || die "docker has no buildx; https://docs.docker.com/build says how to add it"

reference=$registry/$module:$commit

if digest=$(docker buildx imagetools inspect "$reference" --format '{{.Manifest.Digest}}' 2>/dev/null) && [ -n "$digest" ]; then
    say "$reference is there already"
    printf '%s=%s\n' "$module" "$digest"
    exit 0
fi

metadata=$(mktemp)
trap 'rm -f "$metadata"' EXIT
SOURCE_DATE_EPOCH=$(git -C "$ROOT" show -s --format=%ct HEAD) docker buildx build "$ROOT" \
    --build-arg "MODULE=$module" --tag "$reference" --push --provenance=mode=max --sbom=true --metadata-file "$metadata" \
    --label "org.opencontainers.image.revision=$commit" --label "org.opencontainers.image.title=$module" \
    ${CACHE_FROM:+--cache-from "$CACHE_FROM"} ${CACHE_TO:+--cache-to "$CACHE_TO"} >&2
digest=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["containerimage.digest"])' "$metadata")
printf '%s=%s\n' "$module" "$digest"
