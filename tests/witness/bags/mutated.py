"""A thousand mutated bags: `aml-dsr verify` and `bagit` give the same verdict, or a named rule says why not.

    mutated.py [CLASS]      all classes, or one

Everything is drawn from a seed, so that a case that fails is the same the next time, but for the times in the tag files
of our own bag. Its bag is kept.
"""

import os
import pathlib
import random
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import bases
import mutations
import rules
import tag_mutations
from case import Case, Unfit
from common import CACHE, Row
from judges import SUMS_RULES, Ours, Sums, Theirs, compare_sums, is_plain

SEED = 8493
# At least so many cases of each class, and of each of its variants.
EACH = 60
THRICE = 3
CLASSES = {**mutations.CLASSES, **tag_mutations.CLASSES}
FAILED = pathlib.Path(CACHE) / "failed-bags"


def mutate(kind, number, good, folder):
    """Makes case `number` of a class. Gives what it is called, and its bag."""
    variants = CLASSES[kind]
    at = number % len(variants)
    rng = random.Random(f"{SEED} {kind} {number}")
    # Each variant goes through all bases and is sealed every other time, whatever lot says.
    turn = number // len(variants)
    sealed = (turn // len(good) + turn) % 2 == 1
    names = sorted(good)
    start = rng.randrange(len(names))
    for name in names[start:] + names[:start]:
        bag = folder / "bag"
        case = Case(good[name], bag, rng)
        before = case.tree()
        try:
            variants[at](case)
        except Unfit:
            shutil.rmtree(bag)
            continue
        after = case.tree()
        if after == before:
            raise RuntimeError(f"{kind}, variant {at}, changed nothing in {name}")
        # Sealing a tag manifest that is itself what was changed would undo the change.
        sealed = sealed and not any("tagmanifest-" in path for path, _ in before.items() ^ after.items())
        if sealed:
            try:
                case.seal()
            except Unfit:
                sealed = False
        return f"{kind} {number} (variant {at} of {name}{', sealed' if sealed else ''})", bag
    raise RuntimeError(f"{kind}, variant {at}, fits no base")


def hear(kind, number, good):
    """What the judges say of one case."""
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        name, bag = mutate(kind, number, good, pathlib.Path(folder))
        return kind, number, name, Ours(bag), Theirs(bag), Sums(bag) if is_plain(bag) else None


def judge(name, kind, ours, theirs, row):
    if ours.good == theirs.good:
        row.agree()
        return True
    rule = rules.explain(kind, ours, theirs)
    if rule is None:
        row.fail(f"{name}: verify: {ours}; bagit: {theirs}")
        return False
    row.excuse(rule.name, rule.why)
    return True


def main(wanted):
    shutil.rmtree(FAILED, ignore_errors=True)
    rows = {kind: Row("bags", f"mutated: {kind}") for kind in wanted}
    sums = Row("bags", "mutated: sha256sum, of plain manifests")
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        good = bases.make(os.path.join(folder, "good"))
        healthy = Row("bags", "the bags that are mutated")
        for name, bag in good.items():
            ours, theirs = Ours(bag), Theirs(bag)
            healthy.judge(ours.good and theirs.good, f"{name}: verify: {ours}; bagit: {theirs}")
        healthy.write()
        with ThreadPoolExecutor(2) as pool:
            heard = [
                pool.submit(hear, kind, number, good)
                for kind in wanted
                for number in range(max(EACH, THRICE * len(CLASSES[kind])))
            ]
        approved = 0
        for kind, number, name, ours, theirs, sum_ in (case.result() for case in heard):
            approved += ours.good and theirs.good
            fine = judge(name, kind, ours, theirs, rows[kind])
            if sum_ is not None:
                fine &= compare_sums(sums, name, ours, sum_)
            if not fine:
                # The same case again, to be looked at.
                mutate(kind, number, good, FAILED / f"{kind} {number}")
    print(f"{len(heard)} mutated bags, {approved} of them still good to both")
    for row in [*rows.values(), sums]:
        row.write()
    if set(wanted) == set(CLASSES):
        used = Row("bags", "rules that explain a difference")
        for rule in (*rules.RULES, *SUMS_RULES):
            used.judge(rule.used > 0, f"{rule.name}: it explained nothing, so it is no longer true")
        used.write()


if __name__ == "__main__":
    main(sys.argv[1:] or list(CLASSES))
