"""Prints what the witnesses saw, and ends with 1 when one of them contradicts us."""

import json
import sys
import textwrap


def main(path):
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    head = ("witness", "what was asked", "cases", "agree", "named", "fail")
    lines = [
        (
            row["witness"],
            row["what"],
            str(row["cases"]),
            str(row["agreements"]),
            str(sum(held["count"] for held in row["exceptions"])),
            str(len(row["failures"])),
        )
        for row in rows
    ]
    widths = [max(len(line[at]) for line in [head, *lines]) for at in range(len(head))]
    for line in [head, tuple("-" * width for width in widths), *lines]:
        words = [text.ljust(width) if at < 2 else text.rjust(width) for at, (text, width) in enumerate(zip(line, widths))]
        print("  ".join(words).rstrip())
    named = {}
    for row in rows:
        for held in row["exceptions"]:
            named.setdefault((held["name"], held["why"]), []).append((held["count"], row))
    if named:
        print("\nnamed exceptions:")
    for (name, why), places in named.items():
        total = sum(count for count, _ in places)
        where = "; ".join(f"{count} in {row['witness']}, {row['what']}" for count, row in places)
        print(textwrap.fill(f"- {name} ({total}): {why}", 118, subsequent_indent="  ", break_on_hyphens=False))
        print(textwrap.fill(where, 118, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False))
    for row in rows:
        if "not_run" in row:
            print(f"\n*** {row['witness']}: NOT RUN: {row['not_run']} ***")
    failures = [(row, where) for row in rows for where in row["failures"]]
    if failures:
        print("\nFAILED:")
    for row, where in failures:
        print(f"- {row['witness']}, {row['what']}: {where}")
    return 1 if failures or not rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
