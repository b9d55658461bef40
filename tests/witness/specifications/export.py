"""A whole export through the judges: every request has to be legal, and every answer what the specification says."""

import json
import os
import pathlib
import re
import subprocess
import tempfile

from common import PROGRAM, Row, clean_environment

# Addresses of a whole export that no published specification has, each with where it is known from.
SILENT = json.loads((pathlib.Path(__file__).parent / "silent.json").read_text(encoding="utf-8"))


def export(emulator, workspace, output, option="-w"):
    """Runs the program to its end; raises with what it said when it does not end well."""
    with tempfile.TemporaryDirectory() as home:
        command = [PROGRAM, "export", "--arm-endpoint", emulator.arm, "--subscription", emulator.subscription]
        command += ["-g", workspace["resourceGroup"], option, workspace["name"], "-o", output, "--quiet"]
        done = subprocess.run(command, env=clean_environment(home), cwd=home, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise SystemExit(f"the export of {workspace['name']} ended with {done.returncode}:\n{done.stderr}")


def whole(emulator, bags):
    """Every workspace and every registry of the world, through the front."""
    for workspace in emulator.workspaces:
        export(emulator, workspace, os.path.join(bags, workspace["name"]))
    for registry in emulator.registries:
        export(emulator, registry, os.path.join(bags, f"registry-{registry['name']}"), "--registry")


def report(book, specs, world="of a whole export"):
    for spec in specs:
        book.tell(Row(f"Prism, {spec}", f"requests {world} are legal"), spec, "request")
        book.tell(Row(f"Prism, {spec}", f"answers {world} are as specified"), spec, "response")


def address(verb, path):
    """Verb and path without the names that every address of this world begins with."""
    for sort, plural in (("workspace", "workspaces"), ("registry", "registries")):
        path = re.sub(f"/subscriptions/.*?/{plural}/[^/]*", f"<{sort}>", path)
    return f"{verb} {re.sub('^/subscriptions/[^/]*', '<subscription>', path)}"


def silent(book):
    """What no specification knows: each address is in the list with where it is known from, and nothing else is asked."""
    row = Row("Prism", "addresses that no specification has")
    unused = {entry["begins"] for entry in SILENT}
    for (verb, path), count in sorted(book.unjudged.items()):
        here = address(verb, path)
        fits = [entry for entry in SILENT if here.startswith(entry["begins"])]
        if fits:
            unused.discard(fits[0]["begins"])
            row.excuse(fits[0]["why"], "no published specification has it", count)
        else:
            row.fail(f"{here} is in no specification, and in no list of those that are in none")
    for begins in sorted(unused):
        row.fail(f"nothing asks for {begins} any more: take it off the list")
    row.write()
