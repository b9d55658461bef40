"""Draws `tests/it/spec-facts.json` from the published specifications: facts only, no sentence of theirs.

    python3 tests/witness/specifications/draw.py            writes the file again
    python3 tests/witness/specifications/draw.py --check    ends with 1 when the file is not what would be drawn
"""

import hashlib
import json
import sys

import specs

TARGET = specs.ROOT / "tests" / "it" / "spec-facts.json"
VERBS = ("get", "put", "post", "patch", "delete", "head")


def resolve(document, schema):
    """Follows references inside one document; one that leads into another file has no list in it."""
    for _ in range(20):
        reference = (schema or {}).get("$ref", "")
        if not reference.startswith("#/"):
            return schema or {}
        schema = document
        for name in reference[2:].split("/"):
            schema = schema[name]
    raise ValueError("a reference that never ends")


def answer(document, operation):
    """The schema of a 200, in either form of the specification language."""
    response = resolve(document, operation.get("responses", {}).get("200", {}))
    content = response.get("content", {})
    return resolve(document, response.get("schema") or content.get("application/json", {}).get("schema"))


def listing(document, operation):
    """Items field and next-link field of a list: the items of a bare array are in no field."""
    schema = answer(document, operation)
    if schema.get("type") == "array":
        return {"items": ""}
    properties = {**schema.get("properties", {})}
    for part in schema.get("allOf", []):
        properties.update(resolve(document, part).get("properties", {}))
    arrays = [name for name, field in properties.items() if resolve(document, field).get("type") == "array"]
    pageable = operation.get("x-ms-pageable")
    if pageable is None and not ("value" in arrays and len(properties) <= 3):
        return None
    facts = {"items": (pageable or {}).get("itemName") or "value"}
    for name in ("nextLink", "continuationToken"):
        if name in properties:
            facts[name] = True
    return facts


def secrets(document):
    """Fields that the specification marks as secret: `Definition.field`."""
    definitions = document.get("definitions") or document.get("components", {}).get("schemas", {})
    for name, schema in definitions.items():
        for part in [schema, *schema.get("allOf", [])]:
            for field, facts in part.get("properties", {}).items():
                if facts.get("x-ms-secret") or facts.get("format") == "password":
                    yield f"{name}.{field}"


def parameter(document, place, named):
    """A parameter, which may stand in this document or in another file beside it."""
    file, _, inside = named.get("$ref", "").partition("#")
    if file:
        return parameter(json.loads((place.parent / file).read_bytes()), place.parent / file, {"$ref": "#" + inside})
    return resolve(document, named)


def queries(document, place, verbs, operation):
    """Names of the query parameters: all of them, and those that must be there."""
    named = [*verbs.get("parameters", []), *operation.get("parameters", [])]
    facts = [parameter(document, place, one) for one in named]
    known = [one for one in facts if one["in"] == "query"]
    return sorted(one["name"] for one in known), sorted(one["name"] for one in known if one.get("required"))


def operations(document, place):
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            if verb not in VERBS:
                continue
            facts = {"verb": verb.upper(), "path": path}
            known, required = queries(document, place, verbs, operation)
            if known:
                facts["query"] = known
            if required:
                facts["required"] = required
            if operation.get("x-ms-long-running-operation"):
                facts["long_running"] = True
            listed = listing(document, operation) if verb in ("get", "post") else None
            if listed is not None:
                facts["list"] = listed
            yield facts


def draw(place):
    files = []
    for name, file in specs.FILES.items():
        bytes_ = (place / file).read_bytes()
        document = json.loads(bytes_)
        lines = ",\n".join("   " + json.dumps(facts) for facts in operations(document, place / file))
        marked = json.dumps(sorted(set(secrets(document))))
        files.append(
            f'  {{"name": {json.dumps(name)}, "sha256": "{hashlib.sha256(bytes_).hexdigest()}",\n'
            f'   "secrets": {marked},\n   "operations": [\n{lines}\n  ]}}'
        )
    note = "Facts drawn from Microsoft's published specifications by tests/witness/specifications/draw.py"
    return f'{{"note": "{note}",\n "files": [\n' + ",\n".join(files) + "\n ]}\n"


def main():
    place = specs.directory()
    if place is None and "--check" in sys.argv:
        print("*** the specifications are not at hand: whether the facts are still theirs was NOT looked at ***")
        return
    if place is None:
        sys.exit("the specifications are not at hand; name their directory in AML_DSR_SPECS")
    drawn = draw(place)
    if "--check" in sys.argv:
        if TARGET.read_text(encoding="utf-8") != drawn:
            sys.exit(f"{TARGET.name} is not what the specifications say; draw it again")
        return
    TARGET.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
