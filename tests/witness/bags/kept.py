"""Every bag that the tests made, whole or not and damaged or not: three judges, one verdict.

    kept.py DIRECTORY
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import rules
from common import Row
from judges import Ours, Sums, Theirs, compare_sums, is_plain


def hear(bag):
    # A bag with no manifest at all is not finished, and sha256sum must not approve either.
    unfinished = not any(name.startswith("manifest-") for name in os.listdir(bag))
    return Ours(bag), Theirs(bag), Sums(bag) if unfinished or is_plain(bag) else None


def main(kept):
    both = Row("bags", "of the tests: bagit")
    three = Row("bags", "of the tests: sha256sum")
    names = sorted(os.listdir(kept)) if os.path.isdir(kept) else []
    if not names:
        both.fail(f"the tests left no bags in {kept}")
    good = 0
    with ThreadPoolExecutor(2) as pool:
        for name, (ours, theirs, sums) in zip(names, pool.map(lambda name: hear(os.path.join(kept, name)), names)):
            good += ours.good
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
    for rule in rules.RULES:
        if rules.TESTS in rule.kinds and not rule.used:
            both.fail(f"the rule {rule.name!r} explained nothing, so it is no longer true of these bags")
    print(f"{len(names)} bags of the tests, {good} of them good")
    for row in (both, three):
        row.write()


if __name__ == "__main__":
    main(sys.argv[1])
