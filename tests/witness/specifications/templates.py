"""Which operation of which specification a request is, by the facts that were drawn from them."""

import json
import re
import urllib.parse

import specs

FACTS = specs.ROOT / "tests" / "it" / "spec-facts.json"


class Operation:
    """One operation: `label` is its verb and the end of its path, which is what a person looks for."""

    def __init__(self, spec, facts):
        self.spec, self.verb, self.path = spec, facts["verb"], facts["path"]
        self.query = {name.lower() for name in facts.get("query", [])}
        parts = re.split(r"(\{[^}]*\})", self.path)
        self.pattern = re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts), re.I)
        # The literal letters decide between `/models/{id}` and `/models/default`.
        self.weight = sum(len(part) for part in parts if not part.startswith("{"))
        self.label = f"{self.verb} {short(self.path)}"


def short(path):
    """A path without the scope, which every path begins with."""
    path = re.sub(r"/subscriptions/.*?/workspaces/\{[^}]*\}", "<workspace>", path)
    path = re.sub(r"/subscriptions/.*?/registries/\{[^}]*\}", "<registry>", path)
    return re.sub(r"/subscriptions/.*?/providers/Microsoft.MachineLearningServices", "<scope>", path)


class Templates:
    """All operations of the specifications named, in their order: an earlier specification is asked first."""

    def __init__(self, names):
        facts = json.loads(FACTS.read_text(encoding="utf-8"))
        held = {file["name"]: file["operations"] for file in facts["files"]}
        self.by_spec = {name: [Operation(name, one) for one in held[name]] for name in names}

    def find(self, verb, path):
        """One operation of each specification that knows the path: at most one a specification."""
        found = []
        for operations in self.by_spec.values():
            fits = [one for one in operations if one.verb == verb and one.pattern.fullmatch(path)]
            if fits:
                found.append(max(fits, key=lambda one: one.weight))
        return found


def unknown_queries(operation, target):
    """Names in the query that the operation does not have. Azure reads them without regard to letter case."""
    query = urllib.parse.urlsplit(target).query
    names = {name for name, _ in urllib.parse.parse_qsl(query, keep_blank_values=True)}
    return sorted(name for name in names if name.lower() not in operation.query)
