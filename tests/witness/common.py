"""What every witness needs: the emulator in a process of its own, and a row of the table for what was seen.

Standard library only, so that it runs in each witness's own environment.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request

PROGRAM = os.environ["AML_DSR"]
CACHE = os.environ["WITNESS_CACHE"]
# Nothing here may leave the machine, and a proxy of the owner's is not on the way to loopback.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def clean_environment(home):
    """An environment in which nothing of this machine's owner is left."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "SystemRoot") if name in os.environ}
    return {**kept, "HOME": home, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class Emulator:
    """`aml-dsr emulator`, ended when the block ends. `listens` is where it is; `arm` and `blob` are what links call it."""

    def __init__(self, *args):
        self.args = args

    def __enter__(self):
        self.home = tempfile.TemporaryDirectory()
        command = [PROGRAM, "emulator", "--port", "0", *map(str, self.args)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=clean_environment(self.home.name), cwd=self.home.name
        )
        told = ""
        wanted = "It listens on" if "--origin" in self.args else "aml-dsr export"
        for line in self.process.stdout:
            told += line
            if wanted in line:
                break
        listens = re.search(r"It listens on (\S+?)\.\s", told) or re.search(r"--arm-endpoint (\S+)", told)
        if listens is None:
            raise SystemExit(f"the emulator did not start: {told}")
        self.listens = listens.group(1)
        # The pipe is emptied, so that the emulator never waits for a reader.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        about = self.ask("")
        self.arm, self.blob = about["arm"], about["blob"]
        self.listens_blob = about["listens"]["blob"]
        self.subscription, self.tenant = about["subscription"], about["tenant"]
        self.workspaces = about["workspaces"]
        self.registries = about["registries"]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.home.cleanup()

    def text(self, control):
        with OPENER.open(f"{self.listens}/_emulator{control}", timeout=60) as answer:
            return answer.read().decode()

    def ask(self, control):
        return json.loads(self.text(control))

    def tell(self, control, body):
        request = urllib.request.Request(
            f"{self.listens}/_emulator{control}", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with OPENER.open(request, timeout=60) as answer:
            return json.loads(answer.read())

    def truth(self, name, of="workspace"):
        """What a workspace or a registry holds: a dictionary of kind, to a dictionary of id, to the line of the truth."""
        held = {}
        for line in self.text(f"/truth?{of}={name}").splitlines():
            fact = json.loads(line)
            held.setdefault(fact["kind"], {})[fact["id"]] = fact
        return held


def not_run(witness, why):
    """Says loudly that a witness was not heard, and why: the table has a line for it."""
    line = {"witness": witness, "what": "NOT RUN", "cases": 0, "agreements": 0, "exceptions": [], "failures": [], "not_run": why}
    with open(os.environ["WITNESS_ROWS"], "a", encoding="utf-8") as rows:
        rows.write(json.dumps(line) + "\n")
    print(f"\n*** {witness}: NOT RUN: {why} ***\n", flush=True)


class Row:
    """A line of the table: what was asked, how often, and what came of it.

    Each case ends as exactly one of: an agreement, a named exception (with its reason), a failure. `run` adds them up.
    """

    def __init__(self, witness, what):
        self.witness, self.what = witness, what
        self.agreements = 0
        self.exceptions = {}
        self.failures = []

    def agree(self, count=1):
        self.agreements += count

    def excuse(self, name, why, count=1):
        held = self.exceptions.setdefault(name, {"name": name, "why": why, "count": 0})
        held["count"] += count

    def fail(self, where):
        self.failures.append(where)

    def judge(self, good, where):
        if good:
            self.agree()
        else:
            self.fail(where)

    def write(self):
        cases = self.agreements + sum(held["count"] for held in self.exceptions.values()) + len(self.failures)
        if cases == 0:
            self.fail("nothing was looked at at all")
            cases = 1
        line = {
            "witness": self.witness,
            "what": self.what,
            "cases": cases,
            "agreements": self.agreements,
            "exceptions": list(self.exceptions.values()),
            "failures": self.failures,
        }
        with open(os.environ["WITNESS_ROWS"], "a", encoding="utf-8") as rows:
            rows.write(json.dumps(line) + "\n")
        said = f"{self.witness}: {self.what}: {cases} cases, {self.agreements} agree"
        print(said + (f", {len(self.failures)} FAIL" if self.failures else ""), flush=True)
        for failure in self.failures[:20]:
            print(f"  {failure}", file=sys.stderr, flush=True)
