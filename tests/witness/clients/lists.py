"""What the clients list, held against the truth of the emulator: the same ids, in both directions, and never none."""

import contextlib
import os
import tempfile
from urllib.parse import quote, unquote

from clients.stage import GROUP, Refusal, Silence
from common import Row


@contextlib.contextmanager
def row(client, what):
    """A row of the table. A client that raises, or does not come to an end, fails it and says where."""
    line = Row(client.name, what)
    try:
        yield line
    except (Refusal, Silence) as error:
        line.fail(str(error)[:600])
    line.write()


def compare(line, what, told, held):
    """Each id is a case: told and held agree, one alone fails. An id told twice fails as well."""
    if not held:
        line.fail(f"{what}: the truth holds none, so nothing was compared")
    seen = set()
    for each in told:
        if each in seen:
            line.fail(f"{what}: the client told {each} twice")
        elif each in held:
            line.agree()
        else:
            line.fail(f"{what}: the client told {each}, which the truth does not hold")
        seen.add(each)
    for each in held:
        if each not in seen:
            line.fail(f"{what}: the truth holds {each}, which the client did not tell")


def paged(line, client, what, end):
    """A list that came in one page would say nothing about paging."""
    pages = client.pages(end)
    line.judge(pages > 1, f"{what}: {pages} page(s) of {end} were asked, and more than one was expected")


def nothing_missing(line, client, what):
    """Whatever a document points at is followed by the client in passing, and must be there."""
    for each in client.asked:
        if each["status"] < 400:
            continue
        if "saveddataset" in each["path"].lower():
            line.excuse(
                "a saved dataset that a model names",
                "the emulator serves no saved datasets; the client warns of it and lists the model all the same",
            )
        else:
            line.fail(f"{what}: in passing the client asked {each['method']} {each['path'][-200:]} and got {each['status']}")


def whole_list(client, truth, kind, end):
    """A kind whose list shows everything, over more than one page."""
    with row(client, f"{kind}, by id") as line:
        compare(line, kind, client.ask(kind), truth[kind])
        paged(line, client, kind, end)
        nothing_missing(line, client, kind)


def workspaces(client, emulator):
    with row(client, "workspaces, by id") as line:
        held = {id for each in emulator.workspaces for id in emulator.truth(each["name"])["workspaces"]}
        compare(line, "workspaces of the subscription", client.ask("workspaces"), held)


def workspaces_of_management(client, emulator):
    with row(client, "workspaces, by id") as line:
        held = {id: each for each in emulator.workspaces for id in emulator.truth(each["name"])["workspaces"]}
        compare(line, "workspaces of the subscription", client.ask("workspaces"), held)
        paged(line, client, "workspaces of the subscription", "/workspaces")
        in_group = {id for id, each in held.items() if each["resourceGroup"] == GROUP}
        compare(line, "workspaces of the group", client.ask("workspaces of a group"), in_group)
        for id, each in held.items():
            told = client.ask("workspace", group=each["resourceGroup"], name=each["name"])
            line.judge(told == id, f"workspace {id} was told as {told} when asked for alone")


def computes_one_by_one(client, truth):
    with row(client, "each compute, asked for alone") as line:
        for name in truth["computes"]:
            told = client.ask("compute", name=name)
            line.judge(told == name, f"compute {name} was told as {told}")


# How many runs the emulator gives at a time; an experiment with more has to be read in several pages.
PAGE_OF_RUNS = 12


def runs(client, truth):
    names = {id: fact["doc"]["name"] for id, fact in truth["experiments"].items()}
    with row(client, "runs of every experiment, by id") as line:
        for id, name in names.items():
            what = f"runs of experiment {name}"
            held = {run: fact["doc"] for run, fact in truth["runs"].items() if fact["doc"]["experimentId"] == id}
            told = client.ask("runs", seconds=30, about=what, of=id)
            if len(held) > PAGE_OF_RUNS:
                paged(line, client, what, "/runs:query")
            shown = {run for run, doc in held.items() if not doc.get("hidden")}
            if held:
                compare(line, what, told, shown)
            else:
                line.judge(not told, f"{what}: the client told {told}, and the truth holds none")
            for run in sorted(held.keys() - shown):
                if client.ask("run", id=run, of=id) != run:
                    line.fail(f"hidden run {run} was not told when asked for alone")
                else:
                    line.excuse(
                        "hidden runs",
                        "the client reads them and then leaves out of every list what says hidden; each was asked for "
                        "alone, and came",
                    )


def which(truth, run):
    """What the client needs to find a run."""
    return {"id": run, "of": truth["runs"][run]["doc"]["experimentId"]}


def every_run(truth):
    return [which(truth, run) for run in truth["runs"]]


def run_details(client, truth):
    with row(client, "details of every run, by id") as line:
        compare(line, "run details", client.ask("run details", runs=every_run(truth)), truth["run-details"])


def children(client, truth):
    parents = {}
    for run, fact in truth["runs"].items():
        if fact["doc"].get("parentRunId") and not fact["doc"].get("hidden"):
            parents.setdefault(fact["doc"]["parentRunId"], set()).add(run)
    with row(client, "children of every parent run, by id") as line:
        for parent, held in parents.items():
            what = f"children of run {parent}"
            compare(line, what, client.ask("children", seconds=30, about=what, **which(truth, parent)), held)


def metrics_of_today(client, stage, truth):
    held = {(id.split("/")[0], fact["doc"]["name"]) for id, fact in truth["metrics-v2"].items()}
    with row(client, "metrics of the second generation, by run and name") as line:
        told = {tuple(each) for each in client.ask("metrics", seconds=120, runs=every_run(truth))}
        behind = sorted(held - told)
        compare(line, "metrics", told, held - set(behind))
        first = {run: stage.names_on_first_page(run) for run in {run for run, _ in behind}}
        asked = [(name, which(truth, run)) for run, name in behind]
        found = {tuple(each) for each in client.ask("metrics by name", seconds=120, asked=asked)}
        for run, name in behind:
            if name in first[run]:
                line.fail(f"metric {name} of run {run} stands on the first page, and the client did not tell it")
            elif (run, name) not in found:
                line.fail(f"metric {name} of run {run} was told neither by its list nor when asked for by name")
            else:
                line.excuse(
                    "metrics after the first page of a run's list",
                    "the client never puts the token of this list into its body, reads the first page twice and ends; "
                    "each of these was asked for by name, and came",
                )


def metrics_of_then(client, truth):
    with row(client, "metrics of the first generation, by id") as line:
        compare(line, "metrics", client.ask("metric ids", seconds=120, runs=every_run(truth)), truth["metrics"])


def artifacts(client, truth):
    contained, bare, others = set(), set(), set()
    for id in truth["artifacts"]:
        origin, container, _ = id.split("/", 2)
        without = container in truth["runs"] and not truth["runs"][container]["doc"].get("dataContainerId")
        (others if origin != "ExperimentRun" else bare if without else contained).add(id)
    with row(client, "artifacts of every run, by id") as line:
        compare(line, "artifacts", client.ask("artifacts", seconds=120, runs=every_run(truth)), contained)
        for _ in bare:
            line.excuse(
                "artifacts of runs of 2018, whose documents name no data container",
                "the client looks for the artifacts of a run by the container that its document names, and says that there "
                "are none; they lie in one that is called as the run is",
            )
        for _ in others:
            line.excuse(
                "artifacts that no run owns", "the public list of the client is of one run; it was asked for no other origin"
            )


def downloads(client, truth):
    """The largest artifact of a run, and every one whose path has to be spelled another way in an address."""
    runs = {fact["doc"].get("dataContainerId"): run for run, fact in truth["runs"].items()}
    held = {
        id: {"sha256": fact["bytes_sha256"], "length": fact["bytes_length"]}
        for id, fact in truth["artifacts"].items()
        if "bytes_sha256" in fact and id.split("/")[1] in runs
    }
    largest = max(held, key=lambda id: held[id]["length"])
    awkward = [id for id in held if quote(id) != id]
    with row(client, "bytes of artifacts, by sha256 and length") as line, tempfile.TemporaryDirectory() as place:
        line.judge(len(awkward) > 1, "the truth holds no artifacts with awkward paths, so they were not tried")
        for number, id in enumerate([largest, *awkward]):
            _, container, path = id.split("/", 2)
            asked = {"path": path, "to": os.path.join(place, f"download-{number}"), **which(truth, runs[container])}
            try:
                told = client.ask("download", about=f"download of {id}", **asked)
                line.judge(told == held[id], f"{id}: the client has {told}, the truth {held[id]}")
            except Refusal as refusal:
                paths = [unquote(each["path"].split("?")[0]) for each in client.asked]
                spelled = [path.split("/contentinfo/")[1] for path in paths if "/contentinfo/" in path]
                if not spelled or id in spelled:
                    line.fail(f"{id}: {str(refusal)[:300]}")
                else:
                    line.excuse(
                        "paths that are not themselves once they stand in an address",
                        "the client writes the path into the address as it is, so that #, ?, %41 and a tab make it ask for "
                        "another one, which is not there",
                    )


def files_below(node, before=""):
    for name, child in node["children"].items():
        if child["type"] == "File":
            yield before + name
        else:
            yield from files_below(child, f"{before}{name}/")


def snapshots(client, truth):
    with row(client, "listings of submitted code, by snapshot and path") as line:
        held = {(id, path) for id, fact in truth["snapshots"].items() for path in files_below(fact["doc"]["root"])}
        told = [tuple(each) for each in client.ask("snapshots", seconds=60, ids=list(truth["snapshots"]))]
        compare(line, "files of snapshots", told, held)


def datasets(client, truth):
    with row(client, "datasets, by id") as line:
        shown = {id for id, fact in truth["datasets"].items() if fact["doc"]["isVisible"]}
        compare(line, "datasets", client.ask("datasets"), shown)
        paged(line, client, "datasets", "/datasets")
        for _ in truth["datasets"].keys() - shown:
            line.excuse("datasets that are not visible", "the public list of the client asks for includeInvisible=false")


def nothing_strayed(clients):
    """Of all processes of one client: each question during which it kept to loopback is a case."""
    with row(clients[0], "addresses beyond loopback: none was looked up or connected to") as line:
        for client in clients:
            for host in client.strayed:
                line.fail(f"it wanted {host}")
            line.agree(client.questions - len(client.strayed))


def by_azureml_core(client, stage, truth):
    workspaces(client, stage.emulator)
    whole_list(client, truth, "computes", "/computes")
    computes_one_by_one(client, truth)
    whole_list(client, truth, "experiments", "/experiments:query")
    runs(client, truth)
    run_details(client, truth)
    children(client, truth)
    metrics_of_today(client, stage, truth)
    artifacts(client, truth)
    downloads(client, truth)
    snapshots(client, truth)
    whole_list(client, truth, "models", "/models")
    whole_list(client, truth, "images", "/images")
    whole_list(client, truth, "services", "/services")
    whole_list(client, truth, "datastores", "/datastores")
    datasets(client, truth)
    whole_list(client, truth, "environments", "/environments/")


def by_management(client, stage, truth):
    workspaces_of_management(client, stage.emulator)
    whole_list(client, truth, "computes", "/computes")
    computes_one_by_one(client, truth)
