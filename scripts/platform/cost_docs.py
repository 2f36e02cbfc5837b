#!/usr/bin/env python3
"""Write the tables of docs/cost.md anew, between the marks that stand there."""

import os
import sys

import estimate

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "cost.md")
BEGIN, END = "<!-- estimate: begin -->\n", "<!-- estimate: end -->"


def main():
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"cost_docs: docs/cost.md must hold {BEGIN.strip()} and {END} once each")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    whole = f"{before}{BEGIN}\n{estimate.scenarios()}\n{END}{after}"
    try:
        with open(DOCUMENT + ".new", "w", encoding="utf-8") as file:
            file.write(whole)
        os.replace(DOCUMENT + ".new", DOCUMENT)
    except OSError as error:
        if os.path.exists(DOCUMENT + ".new"):
            os.remove(DOCUMENT + ".new")
        sys.exit(f"cost_docs: docs/cost.md is as it was, since it could not be written: {error.strerror}")


if __name__ == "__main__":
    main()
