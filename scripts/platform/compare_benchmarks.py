#!/usr/bin/env python3
"""Compare two runs of `make bench`, as Markdown.

A line of a run that is a JSON object with `name`, `value` and `unit` is a figure; `"better": "lower"` turns its sense.
Figures that only one of the runs has are shown beside a dash. Where neither run has any, both are shown as they are.
"""

import json
import sys


def figures(text):
    """{name: (value, unit, lower is better)} of a run's output."""
    found = {}
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("{"):
            try:
                one = json.loads(line)
                found[str(one["name"])] = (float(one["value"]), str(one["unit"]), one.get("better") == "lower")
            except (ValueError, KeyError, TypeError):
                continue
    return found


def cell(text):
    return text.replace("|", "\\|")


def compare(base, head):
    """Markdown of the comparison; pure."""
    before, after = figures(base), figures(head)
    if not before and not after:
        return f"### Benchmarks\n\nbase\n\n```\n{base.strip()[-6000:]}\n```\n\nthis change\n\n```\n{head.strip()[-6000:]}\n```\n"
    lines = ["### Benchmarks", "", "| figure | base | this change | |", "|---|---:|---:|---|"]
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        note = "new" if old is None else "gone" if new is None else ""
        if old and new and old[0]:
            change = (new[0] / old[0] - 1) * 100
            good = (change < 0) == new[2]
            # Shared runners differ by this much from one run to the next.
            note = f"{change:+.1f} %" + ("" if abs(change) < 10 else " better" if good else " **worse**")
        show = [f"{one[0]:g} {cell(one[1])}" if one else "–" for one in (old, new)]
        lines.append(f"| {cell(name)} | {show[0]} | {show[1]} | {note} |")
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: compare_benchmarks.py BASE_OUTPUT HEAD_OUTPUT")
    texts = []
    for path in sys.argv[1:]:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
        except OSError as error:
            sys.exit(f"compare_benchmarks: {error}")
    sys.stdout.write(compare(*texts))


if __name__ == "__main__":
    main()
