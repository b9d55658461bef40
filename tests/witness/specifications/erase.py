"""Whole deletes through the judges: plans are made, carried out and looked after, and every request has to be legal."""

import json
import pathlib
import subprocess
import tempfile

from common import PROGRAM, Row, clean_environment
from export import address

HERE = pathlib.Path(__file__).parent
# Addresses that no published specification has, each with where it is known from: those that an export reads, as a delete
# reads by the same calls before and after, and those that only a delete asks for.
READ, ALSO = (json.loads((HERE / file).read_text(encoding="utf-8")) for file in ("silent.json", "silent-deletes.json"))
# Operations end soon, and no lock stands in the way: waiting and obstacles are for other tests.
QUICK = {"operation_ms": 20, "retry_after_seconds": 0, "locks": []}
CHANGES = ("DELETE", "PUT", "PATCH", "POST")
# POST is a question as well.
QUESTIONS = (":query", "/list", "/full", "/listNodes", "/batchrundata", "/rundata", "/runIds", "/batch/metadata")


def kinds(names):
    return [word for name in names.split() for word in ("--kind", name)]


# Every kind that the main workspace has and a delete takes by itself, of both generations of the service. A plan finds their
# order by itself; schedules of pipelines and the like are only disabled.
KINDS = kinds(
    "services images models assets datastores datasets pipeline-drafts pipeline-schedules published-pipelines computes metrics-v2 "
    "schedules online-deployments online-endpoints batch-deployments batch-endpoints connections "
    "data-assets data-asset-versions arm-models arm-model-versions components component-versions codes code-versions "
    "arm-environments arm-environment-versions feature-sets feature-set-versions feature-store-entities "
    "feature-store-entity-versions serverless-endpoints marketplace-subscriptions arm-datastores outbound-rules "
    "private-endpoint-connections"
)
OF_REGISTRY = kinds(
    "registry-models registry-model-versions registry-data registry-data-versions registry-environments "
    "registry-environment-versions registry-components registry-component-versions registry-codes registry-code-versions"
)


class Desk:
    """One person at work on one workspace or registry: each plan is made, then carried out by its digest."""

    def __init__(self, emulator, place, row, named="-w"):
        self.emulator, self.row = emulator, row
        self.place = ["-g", place["resourceGroup"], named, place["name"]]

    def delete(self, home, *words):
        command = [PROGRAM, "delete", "--arm-endpoint", self.emulator.arm, "--subscription", self.emulator.subscription]
        command += [*self.place, *words]
        return subprocess.run(command, env=clean_environment(home), cwd=home, capture_output=True, text=True, timeout=900)

    def erase(self, what, words):
        """A plan that has steps, and that is carried out to its good end; anything else is a failure of the row."""
        with tempfile.TemporaryDirectory() as home:
            limits = ["--without-export", "--max-percent", "100", "--max-items", "5000"]
            made = self.delete(home, "--dry-run", "--plan-out", "plan.json", *limits, *words)
            if made.returncode != 0:
                self.row.fail(f"{what}: no plan was made ({made.returncode}): {made.stderr[-600:]}")
                return
            plan = json.loads(pathlib.Path(home, "plan.json").read_text(encoding="utf-8"))
            steps = sum(len(wave["steps"]) for wave in plan["waves"])
            done = self.delete(home, "--plan", "plan.json", "--confirm", plan["digest"][:8], "--patience", "20")
            self.row.judge(done.returncode == 0, f"{what}: ended with {done.returncode}: {done.stderr[-600:]}")
            receipt = pathlib.Path(home, "plan.applied", "receipt.json")
            ended = len(json.loads(receipt.read_text(encoding="utf-8"))["items"]) if receipt.is_file() else 0
            self.row.judge(0 < steps == ended, f"{what}: the plan has {steps} steps, and the receipt has {ended}")


def whole(emulator):
    """A person, everything of some kinds, an experiment of which a run still runs, the workspaces themselves; and a registry."""
    row = Row("Prism", "whole deletes end well with the judges in between")
    emulator.tell("/settings", QUICK)
    main, legacy, _ = emulator.workspaces
    desk = Desk(emulator, main, row)
    card = next(card for card in emulator.ask("/people") if card["key"] == "olga")
    person = next(one["value"] for one in card["identifiers"] if one["as"] == "object-id")
    desk.erase("a person", ["--object-id", person])
    desk.erase("everything of some kinds", KINDS)
    # Somebody started a run again, so that it has to be cancelled first.
    truth = emulator.truth(main["name"])
    experiment = next(one["doc"] for one in truth["experiments"].values() if one["doc"]["name"] == "churn")
    run = next(name for name, one in truth["runs"].items() if one["doc"]["experimentId"] == experiment["experimentId"])
    emulator.tell("/touch", {"workspace": main["name"], "kind": "runs", "id": run, "set": {"status": "Running"}})
    desk.erase("an experiment with its runs", ["--experiment", experiment["name"]])
    desk.erase("the workspace", ["--workspace"])
    Desk(emulator, legacy, row).erase("the workspace of then, kept for recovery", ["--workspace", "--soft"])
    desk = Desk(emulator, emulator.registries[0], row, "--registry")
    desk.erase("everything in a registry", OF_REGISTRY)
    desk.erase("the registry", ["--whole-registry"])
    row.write()


def report(book, specs):
    for spec in specs:
        book.tell(Row(f"Prism, {spec}", "requests of whole deletes are legal"), spec, "request")
        book.tell(Row(f"Prism, {spec}", "answers of whole deletes are as specified"), spec, "response")


def changes(book):
    """Every change that was to be seen was seen, and no other: a story that asks for less shows less."""
    row = Row("Prism", "operations that change something and that whole deletes ask for")
    expected = set(json.loads((HERE / "changes.json").read_text(encoding="utf-8")))
    seen = {one.label for one in book.calls if one.verb in CHANGES and not one.path.endswith(QUESTIONS)}
    for label in sorted(seen & expected):
        row.agree()
    for label in sorted(expected - seen):
        row.fail(f"{label} was not asked for by any delete")
    for label in sorted(seen - expected):
        row.fail(f"{label} changes something and is not in changes.json")
    row.write()


def silent(book):
    """What no specification knows, as in an export; what only deletes ask for has a list of its own, and none too much."""
    row = Row("Prism", "addresses of whole deletes that no specification has")
    unused = {entry["begins"] for entry in ALSO}
    for (verb, path), count in sorted(book.unjudged.items()):
        here = address(verb, path)
        fits = [entry for entry in [*ALSO, *READ] if here.startswith(entry["begins"])]
        if fits:
            unused.discard(fits[0]["begins"])
            row.excuse(fits[0]["why"], "no published specification has it", count)
        else:
            row.fail(f"{here} is in no specification, and in no list of those that are in none")
    for begins in sorted(unused):
        row.fail(f"nothing asks for {begins} any more: take it off the list")
    row.write()
