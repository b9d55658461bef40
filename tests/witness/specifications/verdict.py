"""What a violation is worth: named in the short list of exceptions, or a failure."""

import collections
import json
import pathlib
import re
import threading

Violation = collections.namedtuple("Violation", "spec operation side where what")


class Exceptions:
    """The short list. One that excuses nothing any more is a failure as well: a stale excuse hides the next fault."""

    def __init__(self):
        text = (pathlib.Path(__file__).parent / "exceptions.json").read_text(encoding="utf-8")
        self.entries = json.loads(text)
        self.used = set()

    def find(self, violation, of=""):
        """`of` is what was under way: an entry that names it is for that alone."""
        for entry in self.entries:
            if entry.get("of", of) != of:
                continue
            fields = ("spec", "operation", "where", "what")
            fits = all(re.search(entry.get(field, ""), getattr(violation, field)) for field in fields)
            if fits and entry["side"] == violation.side:
                self.used.add(entry["name"])
                return entry
        return None

    def stale(self):
        return [entry["name"] for entry in self.entries if entry["name"] not in self.used]


class Book:
    """What was judged: for each specification and side, how many calls were clean, excused, or illegal."""

    def __init__(self, exceptions, of):
        self.exceptions, self.of = exceptions, of
        self.lock = threading.Lock()
        self.clean = collections.Counter()
        self.excused = collections.Counter()
        self.illegal = {}
        self.calls = collections.Counter()
        self.unjudged = collections.Counter()
        self.answered = collections.defaultdict(set)

    def note(self, operation, target, status, found):
        with self.lock:
            self.calls[operation] += 1
            self.answered[operation].add(status)
            for side in ("request", "response"):
                self.weigh(operation.spec, side, f"{operation.verb} {target} -> {status}", found)

    def weigh(self, spec, side, example, found):
        mine = {one for one in found if one.side == side}
        unnamed = [one for one in mine if self.exceptions.find(one, self.of) is None]
        if unnamed:
            for one in unnamed:
                self.illegal.setdefault(one, [0, example])[0] += 1
        elif mine:
            names = sorted({self.exceptions.find(one, self.of)["name"] for one in mine})
            self.excused[spec, side, names[0]] += 1
        else:
            self.clean[spec, side] += 1

    def pass_by(self, verb, path):
        with self.lock:
            self.unjudged[verb, path] += 1

    def tell(self, row, spec, side):
        """Puts one specification's verdicts on one side into a row of the table."""
        row.agree(self.clean[spec, side])
        why = {entry["name"]: entry["why"] for entry in self.exceptions.entries}
        for (of, on, name), count in sorted(self.excused.items()):
            if (of, on) == (spec, side):
                row.excuse(name, why[name], count)
        for one, (count, example) in sorted(self.illegal.items()):
            if (one.spec, one.side) == (spec, side):
                row.fail(f"{one.operation}: {one.where}: {one.what} ({count} times, such as {example})")
        row.write()
