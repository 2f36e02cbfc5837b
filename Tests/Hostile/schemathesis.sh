#!/usr/bin/env bash
# Runs schemathesis with the API's description against a running shop: no 5xx, no answer outside the schema.
#
# Usage: Tests/Hostile/schemathesis.sh [URL] [further arguments of schemathesis]
# Needs schemathesis on PATH: python3 -m venv .tools/schemathesis && .tools/schemathesis/bin/pip install schemathesis
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
url=${1:-http://127.0.0.1:8080}
[ $# -eq 0 ] || shift
export PATH="$PWD/.tools/schemathesis/bin:$PATH"
command -v st > /dev/null || {
    echo 'schemathesis.sh: schemathesis is missing; see the head of this file' >&2
    exit 3
}
exec st run docs/openapi.yaml --url "$url" --max-examples 200 --seed 1 --no-color \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
    "$@"
