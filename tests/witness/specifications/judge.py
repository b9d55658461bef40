"""The published specifications judge the client's requests and the emulator's answers, with Prism between the two."""

import os
import tempfile

import erase
import export
import specs
import tour
from common import Row, not_run
from court import Court
from verdict import Exceptions

# Workspace features are asked by nobody here.
JUDGES = [name for name in specs.FILES if "workspaceFeatures" not in name]


ARM = [name for name in JUDGES if name.startswith("arm")]


def payload(bag):
    with open(os.path.join(bag, "manifest-sha256.txt"), encoding="utf-8") as file:
        return file.read().splitlines()


def same_bags(emulator, bags):
    """The judges stand in the way and change nothing: the bag is the one that is made without them."""
    row = Row("Prism", "the bag is the same without the judges in between")
    for workspace in emulator.workspaces:
        judged, plain = os.path.join(bags, workspace["name"]), os.path.join(bags, workspace["name"] + "-plain")
        export.export(emulator, workspace, plain)
        here, there = payload(judged), payload(plain)
        row.judge(here == there, f"{workspace['name']}: {sorted(set(here) ^ set(there))[:6]}")
    row.write()


def main():
    place = specs.directory()
    if place is None:
        not_run("Prism", "the published specifications are not at hand; name their directory in AML_DSR_SPECS")
        return
    files = {name: place / specs.FILES[name] for name in JUDGES}
    exceptions = Exceptions()
    with Court(files, exceptions) as court, tempfile.TemporaryDirectory() as bags:
        export.whole(court.emulator, bags)
        export.report(court.book, JUDGES)
        export.silent(court.book)
        court.watching = False
        same_bags(court.emulator, bags)
    with Court(files, exceptions) as court:
        tour.walk(court.emulator, court.templates, court.emulator.workspaces[0], court.emulator.registries[0])
        tour.report(court.book, JUDGES)
    with Court(files, exceptions, of="deletes") as court:
        erase.whole(court.emulator)
        erase.report(court.book, JUDGES)
        erase.changes(court.book)
        erase.silent(court.book)
    # What Microsoft shows as examples: the requests for them are ours, and the answers are Microsoft's own.
    with Court(files, exceptions, "--world", "examples", "--specifications", place) as court, tempfile.TemporaryDirectory() as bags:
        export.whole(court.emulator, bags)
        export.report(court.book, ARM, "of the official examples")
    row = Row("Prism", "exceptions that are still needed")
    stale = exceptions.stale()
    for name in stale:
        row.fail(f"{name}: excuses nothing any more; take it off the list")
    row.agree(len(exceptions.entries) - len(stale))
    row.write()


if __name__ == "__main__":
    main()
