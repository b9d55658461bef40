"""The three judges of a bag: our `verify`, the reference `bagit` in this process, and `sha256sum`."""

import json
import logging
import os
import re
import subprocess

import bagit

PROGRAM = os.environ["AML_DSR"]
MANIFEST = "manifest-sha256.txt"
# A line as sha256sum and BagIt both understand it: no escapes of either, no other line end, no mark in front.
PLAIN_LINE = re.compile(r"[0-9a-fA-F]{64} [ *][^\s*\\%.~/][^\\%\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*(?<!\s)\n")

# bagit says what it finds through a logger. What it raises says the same.
logging.disable(logging.CRITICAL)


class Ours:
    """What `aml-dsr verify` says: `good`, and each problem and warning as a line."""

    def __init__(self, bag):
        asked = subprocess.run(
            [PROGRAM, "verify", "--format", "json", os.fspath(bag)],
            capture_output=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            check=False,
        )
        if asked.returncode not in (0, 6):
            raise RuntimeError(f"verify ended with {asked.returncode}: {asked.stderr.decode(errors='replace')}")
        said = json.loads(asked.stdout)
        self.good = asked.returncode == 0
        self.problems, self.warnings = said["first_problems"], said["first_warnings"]
        if said["valid"] != self.good or bool(self.problems) == self.good:
            raise RuntimeError(f"verify contradicts itself: exit {asked.returncode}, {said}")

    def __str__(self):
        return "good" if self.good else "bad: " + "; ".join(self.problems[:4])


class Theirs:
    """What bagit says. That it breaks down over a bag is no approval either."""

    def __init__(self, bag):
        try:
            bagit.Bag(os.fspath(bag)).validate()
            self.good, self.why = True, ""
        except Exception as error:  # What a broken tag file makes it raise is documented nowhere.
            self.good, self.why = False, f"{type(error).__name__}: {error}"

    def __str__(self):
        return "good" if self.good else f"bad: {self.why[:300]}"


class Sums:
    """What `sha256sum -c manifest-sha256.txt` says, of the files that are `named` there."""

    def __init__(self, bag):
        try:
            with open(os.path.join(bag, MANIFEST), encoding="utf-8") as file:
                self.named = {os.path.normpath(line[66:].rstrip("\n")) for line in file}
        except FileNotFoundError:
            self.named = set()
        asked = subprocess.run(
            ["sha256sum", "--quiet", "-c", MANIFEST],
            cwd=bag,
            capture_output=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            check=False,
        )
        if asked.returncode not in (0, 1):
            raise RuntimeError(f"sha256sum ended with {asked.returncode}")
        self.good = asked.returncode == 0
        self.why = (asked.stdout + asked.stderr).decode(errors="replace").strip()

    def __str__(self):
        return "good" if self.good else f"bad: {self.why[:300]}"


def is_plain(bag):
    """Whether the manifest is one that sha256sum reads as BagIt does."""
    try:
        with open(os.path.join(bag, MANIFEST), encoding="utf-8", newline="") as file:
            lines = file.read().split("\n")
    except (OSError, UnicodeDecodeError):
        return False
    return lines.pop() == "" and bool(lines) and all(PLAIN_LINE.fullmatch(line + "\n") for line in lines)


# What sha256sum must find too, of a file that its manifest names.
OF_A_FILE = re.compile(r": (is not what it was: .*sha256|is in a manifest, but not there)", re.DOTALL)


class SumsRule:
    """Where verify and sha256sum differ, and why. `applies` is asked with what both say."""

    def __init__(self, name, why, applies):
        self.name, self.why, self.applies, self.used = name, why, applies, 0


def faults(ours, sums):
    """The named files of the payload in which verify finds a fault that sha256sum looks for."""
    found = (problem.partition(": ")[0] for problem in ours.problems if OF_A_FILE.search(problem))
    return {path for path in found if path in sums.named}


def leading_out(ours):
    lines = ours.problems
    return {line.partition(": ")[0] for line in lines if line.endswith("is a link that leads out of the bag")}


SUMS_RULES = [
    SumsRule(
        "sha256sum reads the payload manifest alone",
        "a file too much, a tag file, another manifest, Payload-Oxum and the inventory are nothing to it",
        lambda ours, sums: sums.good and not ours.good and not faults(ours, sums),
    ),
    SumsRule(
        "sha256sum follows links",
        "verify reads nothing outside the bag, as RFC 8493 (5.1) demands",
        lambda ours, sums: sums.good and not ours.good and faults(ours, sums) <= leading_out(ours),
    ),
    SumsRule(
        "sha256sum knows no Unicode forms",
        "it opens each name byte for byte; verify finds the file in the other form, and warns",
        lambda ours, sums: ours.good
        and any(line.endswith("in another Unicode form") for line in ours.warnings)
        and "No such file" in sums.why
        and "did NOT match" not in sums.why,
    ),
]


def compare_sums(row, name, ours, sums):
    """Judges verify by sha256sum: neither may find a fault in a named file of the payload that the other does not."""
    if ours.good == sums.good:
        row.agree()
        return True
    for rule in SUMS_RULES:
        if rule.applies(ours, sums):
            rule.used += 1
            row.excuse(rule.name, rule.why)
            return True
    row.fail(f"{name}: verify: {ours}; sha256sum: {sums}")
    return False
