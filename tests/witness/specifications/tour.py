"""A tour of every operation that the specifications have and an export does not need: the emulator's answers are judged too.

Reads come first, then what changes the world, then the deletes, the workspace last. An operation that the emulator does not
have stands in `absent.py` with the reason; one that is neither answered nor listed fails, and so does one that is listed
and answers after all.
"""

import http.client
import json
import re
import urllib.parse

from absent import ABSENT, HELD, REFUSED
from common import Row

# The order of a tour: nothing is looked for after it was deleted.
ORDER = {"GET": 0, "HEAD": 0, "POST": 1, "PUT": 2, "PATCH": 3, "DELETE": 4}


class Guide:
    """Fills paths in from the truth about one workspace and one registry, and asks through the front."""

    def __init__(self, emulator, workspace, registry):
        self.port = urllib.parse.urlsplit(emulator.arm).port
        truth = emulator.truth(workspace["name"])
        self.truth = {kind: [fact["doc"] for fact in facts.values()] for kind, facts in truth.items()}
        self.registry = registry["name"]
        self.shared = emulator.truth(self.registry, of="registry")
        self.names = {
            "subscriptionId": emulator.subscription,
            "resourceGroupName": workspace["resourceGroup"],
            "resourceGroup": workspace["resourceGroup"],
            "workspaceName": workspace["name"],
            "workspace": workspace["name"],
            **self.run(),
            **self.things(),
        }

    def run(self):
        """A run that has metrics and artifacts, and where it stands."""
        metrics = {doc["runId"]: doc for doc in self.truth["metrics"]}
        newer = {doc["dataContainerId"]: doc for doc in self.truth["metrics-v2"]}
        files = {}
        for doc in self.truth["artifacts"]:
            if doc["origin"] == "ExperimentRun":
                files.setdefault(doc["container"], []).append(doc["path"])
        files = {container: paths for container, paths in files.items() if len(paths) > 1}
        good = [doc for doc in self.truth["runs"] if doc["dataContainerId"] in files]
        run = next(doc for doc in good if doc["runId"] in metrics)
        self.newer = next(doc for doc in good if doc["dataContainerId"] in newer)
        self.metric = newer[self.newer["dataContainerId"]]
        experiment = next(doc for doc in self.truth["experiments"] if doc["experimentId"] == run["experimentId"])
        return {
            "experimentName": experiment["name"],
            "experimentId": experiment["experimentId"],
            "runId": run["runId"],
            "metricId": metrics[run["runId"]]["metricId"],
            "origin": "ExperimentRun",
            "container": run["dataContainerId"],
            "dataContainerId": self.newer["dataContainerId"],
            "path": files[run["dataContainerId"]][0],
            "another": files[run["dataContainerId"]][1],
        }

    def things(self):
        profile = self.truth["image-profiles"][0]
        return {
            "computeName": self.truth["computes"][0]["name"],
            "name": self.truth["datastores"][0]["name"],
            "imageId": profile["imageId"],
        }

    def shelf(self, operation):
        """The first container of a collection of the registry, whatever its parameter is called, and its first version."""
        collection = operation.path.partition("{registryName}/")[2].partition("/")[0]
        held = self.shared.get(f"registry-{collection}") or self.shared["registry-models"]
        name = next(iter(held))
        calls = ("name", "codeName", "componentName", "environmentName", "modelName")
        return {"registryName": self.registry, "version": "1", **{call: name for call in calls}}

    def target(self, operation):
        """The path and query of an operation, filled in; ids stand under the name of their collection."""
        names = dict(self.names)
        for kind in ("assets", "models", "services"):
            if f"/{kind}/{{id}}" in operation.path:
                names["id"] = self.truth[kind][0]["id"]
        if operation.path.startswith("/metric/"):
            names["runId"] = self.newer["runId"]
        if operation.verb == "GET" and operation.path.startswith("/subscriptions/"):
            names.update(self.resource(operation))
        if operation.verb == "DELETE":
            names.update(self.deletable())
        if operation.verb == "DELETE" and "/models/{id}" in operation.path:
            names["id"] = self.unused_model()
        if "/profiles/{id}" in operation.path:
            names["id"] = self.truth["image-profiles"][0]["name"]
        if "/operations/{id}" in operation.path:
            names["id"] = self.begun()
        if "{registryName}" in operation.path:
            names.update(self.shelf(operation))
        path = operation.path
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", urllib.parse.quote(value, safe=""))
        query = {
            "api-version": "2024-04-01",
            "underlyingResourceAction": "Delete",
            "forceToPurge": "true",
            "path": names["path"],
        }
        asked = {name: value for name, value in query.items() if name.lower() in operation.query}
        return path + ("?" + urllib.parse.urlencode(asked) if asked else "")

    def resource(self, operation):
        """The names in a path of the resource manager, from the first document that stands at such a path."""
        words = operation.path.partition("/workspaces/")[2].split("/")[1:]
        while words and not words[-1].startswith("{"):
            words.pop()
        for doc in (doc for kind in self.truth.values() for doc in kind if "id" in doc and "systemData" in doc):
            there = re.split("/workspaces/", str(doc["id"]), flags=re.IGNORECASE)[-1].split("/")[1:]
            same = zip(words, there)
            if words and len(words) == len(there) and all(w.startswith("{") or w.lower() == t.lower() for w, t in same):
                return {w.strip("{}"): t for w, t in zip(words, there) if w.startswith("{")}
        return {}

    def deletable(self):
        """An experiment without runs: one with runs cannot go."""
        full = {doc["experimentId"] for doc in self.truth["runs"]}
        return {"experimentId": next(doc["experimentId"] for doc in self.truth["experiments"] if doc["experimentId"] not in full)}

    def unused_model(self):
        """A model that no image and no service holds: one that is held cannot go."""
        held = {one for kind in ("images", "services") for doc in self.truth[kind] for one in doc.get("modelIds") or []}
        held |= {model["id"] for doc in self.truth["services"] for model in doc.get("models") or []}
        return next(doc["id"] for doc in self.truth["models"] if doc["id"] not in held)

    def body(self, operation):
        """What an operation needs in its body."""
        path, run = operation.path, {"runId": self.names["runId"], "selectRunMetadata": True}
        known = {
            "/full": {"metricName": self.metric["name"], "metricNamespace": self.metric["namespace"]},
            "/rundata": run,
            "/batchrundata": {"requests": {"one": run}},
            "/runIds": {"runIds": [self.names["runId"]]},
            "/batch/metadata": {"paths": [{"path": self.names["path"]}]},
            "/batch/metadata:delete": {"paths": [{"path": self.names["another"]}]},
            "/artifacts/batch/metadata": {"artifactIds": [{"id": "ExperimentRun/{container}/{path}".format(**self.names)}]},
            ":query": {"top": 5},
            "/list": {},
            "tags:delete": {"tags": ["contact"]},
            "/experimentids/{experimentId}": {"description": "seen on a tour"},
            "/runs/{runId}": {"description": "seen on a tour"},
            "/tags": {"tagsToModify": {"seen": "on a tour"}} if operation.verb == "PATCH" else ["seen"],
            "/services": ["none"],
        }
        if operation.verb == "GET" or (operation.verb == "DELETE" and not path.endswith(("/tags", "/{runId}/services"))):
            return None
        # The longest end is the one that is meant.
        ends = [end for end in known if path.endswith(end)]
        return known[max(ends, key=len)] if ends else {}

    def begun(self):
        """An operation of model management: the delete of a service begins one."""
        service = self.truth["services"][-1]["id"]
        scope = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}".format(**self.names)
        scope += f"/providers/Microsoft.MachineLearningServices/workspaces/{self.names['workspace']}"
        _, headers, _ = self.ask("DELETE", f"/modelmanagement/v1.0{scope}/services/{service}")
        return headers["operation-location"].split("?")[0].rsplit("/", 1)[-1]

    def ask(self, verb, target, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"authorization": "Bearer token", "content-type": "application/json", "accept": "application/json"}
        connection.request(verb, target, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text


def below(operation):
    """Verb and path without the scope: the word for an operation in the lists above."""
    return operation.label.replace("<workspace>", "W").replace("<registry>", "R")


def listed(operation):
    """The entry that an operation has in one of the lists, its reason, and the answers that fit it."""
    for entries, fitting in ((REFUSED, (400,)), (HELD, (409,)), (ABSENT, (404, 405))):
        for pattern, why in entries.items():
            if re.fullmatch(pattern, below(operation)):
                return pattern, why, fitting
    return None, None, ()


def walk(emulator, templates, workspace, registry):
    """Asks for every operation once; says which were answered, and what of those that were not is listed."""
    # The specification wants a caller to wait ten seconds at least. Nobody waits here.
    emulator.tell("/settings", {"retry_after_seconds": 10})
    guide = Guide(emulator, workspace, registry)
    row = Row("Prism", "operations that the emulator answers")
    specs = reversed(list(templates.by_spec.values()))
    every = {below(one): one for operations in specs for one in operations}
    whole = "DELETE W"
    order = sorted(every.values(), key=lambda one: (below(one) == whole, ORDER[one.verb], -len(one.path), one.path))
    used = set()
    for operation in order:
        status, _, text = guide.ask(operation.verb, guide.target(operation), guide.body(operation))
        pattern, why, fitting = listed(operation)
        used.add(pattern)
        if status < 400 and pattern is None:
            row.agree()
        elif status in fitting:
            row.excuse(why, "so it is not done", 1)
        elif pattern is not None:
            row.fail(f"{below(operation)} is listed, because: {why}; and was answered with {status}")
        else:
            row.fail(f"{below(operation)} was answered with {status}: {text[:200].decode(errors='replace')}")
    for pattern in sorted({*ABSENT, *REFUSED, *HELD} - used):
        row.fail(f"{pattern} is listed and in no specification")
    row.write()


def report(book, specs):
    for spec in specs:
        book.tell(Row(f"Prism, {spec}", "answers on a tour are as specified"), spec, "response")
