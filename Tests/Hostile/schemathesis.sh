#!/usr/bin/env bash
# Sends a running shop whatever its description allows and does not: no 5xx, no answer outside the schema, and nothing
# that asks for a secret without asking for it. `make api-test` runs it.
#
# Usage: Tests/Hostile/schemathesis.sh [arguments of schemathesis]
# Serves a shop of its own, built before, unless SHOP_URL names one; PAYMENT_SECRET must be that one's then.
# EXAMPLES is how many requests each phase makes of an operation (200).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
st=.tools/schemathesis/bin/st
[ -x "$st" ] || scripts/ensure schemathesis
export PAYMENT_SECRET=${PAYMENT_SECRET:-of-the-test}

if [ -z "${SHOP_URL-}" ]; then
    built=${SHOPFN_BUILT:-.build/release}
    [ -x "$built/shopfn" ] || {
        echo "schemathesis.sh: there is no $built/shopfn; run 'make build' first" >&2
        exit 3
    }
    folder=$(mktemp -d)
    read -r port admin < <(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in sockets))')
    "$built/shopfn" serve --modules "$built" --port "$port" \
        --admin-port "$admin" --state "$folder/state" >"$folder/log" 2>&1 &
    shop=$!
    trap 'kill "$shop" 2>/dev/null && wait "$shop"; rm -rf "$folder"' EXIT
    SHOP_URL=http://127.0.0.1:$port
    tries=0
    until curl -fs -o "$folder/first" "$SHOP_URL/api/products"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 600 ] || ! kill -0 "$shop" 2>/dev/null; then
            echo 'schemathesis.sh: the shop does not answer:' >&2
            cat "$folder/log" >&2
            exit 3
        fi
        sleep 0.1
    done
fi

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance
checks+=,response_schema_conformance,ignored_auth,unsupported_method
"$st" run docs/openapi.yaml --url "$SHOP_URL" --header "Authorization: Bearer $PAYMENT_SECRET" \
    --max-examples "${EXAMPLES:-200}" --seed 1 --no-color --checks "$checks" "$@"
