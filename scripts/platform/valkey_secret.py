#!/usr/bin/env python3
"""Turn Secrets Manager's secret, read from standard input, into the Kubernetes secret that the shop's pods read."""

import json
import os
import re
import sys
from urllib.parse import quote


def manifest(text, address):
    """The secret `valkey` with one key, VALKEY_URL; pure."""
    if not re.match(r"^[A-Za-z0-9.-]+:[0-9]{1,5}$", address):
        raise ValueError(f"VALKEY_ADDRESS must be host:port, not {address!r}")
    try:
        value = json.loads(text)
        user, password = value["username"], value["password"]
    except (ValueError, KeyError, TypeError):
        raise ValueError("the secret must be a JSON object with username and password") from None
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "valkey", "namespace": "shop"},
        "type": "Opaque",
        "stringData": {"VALKEY_URL": f"valkeys://{quote(user, safe='')}:{quote(password, safe='')}@{address}"},
    }


if __name__ == "__main__":
    try:
        json.dump(manifest(sys.stdin.read(), os.environ.get("VALKEY_ADDRESS", "")), sys.stdout)
    except ValueError as error:
        sys.exit(f"valkey_secret: {error}")
