"""Every bag that the tests made, whole or not and damaged or not: three judges, one verdict.

    kept.py DIRECTORY

The directory holds the bags of a whole `cargo test` that ran with AML_DSR_BAGS, or at least of `--test it` and `--lib bag::`.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import rules
from common import Row
from judges import Ours, Sums, Theirs, compare_sums, is_plain

# The tests of `verify` damage bags, and two of `report` do, which has to say what is wrong with one. No other test does, so
# all other bags must be good, or unfinished and said to be.
DAMAGED = (
    "bag.verify.",
    "verify.a_changed_byte_a_lost_file_and_half_a_bag_are_no_proof-",
    "report.a_bag_from_before_there_was_a_page-",
    "report.what_is_wrong_is_said_with_its_code-",
)


def is_unfinished(bag):
    names = os.listdir(bag)
    return ".aml-dsr" in names and not any(name.startswith("manifest-") for name in names)


def hear(bag):
    # sha256sum must not approve of an unfinished bag either.
    return Ours(bag), Theirs(bag), Sums(bag) if is_plain(bag) or is_unfinished(bag) else None


def judge_health(row, name, bag, ours, theirs, sums):
    """That the judges agree is not enough: what the program wrote must be good."""
    if name.startswith(DAMAGED):
        row.excuse("damaged on purpose", "tests of verify and of report; that the judges agree about them is asked above")
    elif is_unfinished(bag):
        row.judge(any("is not finished" in problem for problem in ours.problems), f"{name}: unfinished, and verify: {ours}")
    else:
        fine = ours.good and theirs.good and sums is not None and sums.good
        row.judge(fine, f"{name}: verify: {ours}; bagit: {theirs}; sha256sum: {sums}")


def main(kept):
    both = Row("bags", "of the tests: bagit")
    three = Row("bags", "of the tests: sha256sum")
    health = Row("bags", "of the tests: good, or unfinished")
    names = sorted(os.listdir(kept)) if os.path.isdir(kept) else []
    if not names:
        both.fail(f"the tests left no bags in {kept}")
    bags = [os.path.join(kept, name) for name in names]
    with ThreadPoolExecutor(2) as pool:
        for name, bag, (ours, theirs, sums) in zip(names, bags, pool.map(hear, bags)):
            rule = rules.explain(rules.TESTS, ours, theirs)
            if ours.good == theirs.good:
                both.agree()
            elif rule:
                both.excuse(rule.name, rule.why)
            else:
                both.fail(f"{name}: verify: {ours}; bagit: {theirs}")
            if sums is not None:
                compare_sums(three, name, ours, sums)
            else:
                three.excuse(
                    "there is no manifest that sha256sum reads as BagIt does",
                    "other digests alone, a carriage return, a byte order mark, a line that is none: the other two judge",
                )
            judge_health(health, name, bag, ours, theirs, sums)
    for rule in rules.RULES:
        if rules.TESTS in rule.kinds and not rule.used:
            both.fail(f"the rule {rule.name!r} explained nothing: it is no longer true, or bags of some tests are not here")
    for start in DAMAGED:
        if not any(name.startswith(start) for name in names):
            health.fail(f"there is no bag of {start!r}: such tests are gone, or their bags are not here")
    for row in (both, three, health):
        row.write()


if __name__ == "__main__":
    main(sys.argv[1])
