"""What the clients delete: gone for the client, gone in the truth, and nothing else gone or changed with it."""

from clients.lists import row
from clients.stage import WORKSPACE, Refusal

# What the clients say of something that is not there.
NOT_FOUND = ("not found", "notfound")


def facts(emulator):
    """Every line of the truth, of every workspace, by kind and id, with its digest."""
    return {
        (each["name"], kind, id): fact["sha256"]
        for each in emulator.workspaces
        for kind, held in emulator.truth(each["name"]).items()
        for id, fact in held.items()
    }


def changes(before, after):
    gone = before.keys() - after.keys()
    new = after.keys() - before.keys()
    changed = {each for each in before.keys() & after.keys() if before[each] != after[each]}
    return gone, new | changed


def delete(client, emulator, kind, item, *, by, told_as=None, parts=None, **details):
    """Deletes one item and looks from both sides. `told_as` is its name for the table, where its id says little. `parts` is the
    kind of what the item is made of: all of that goes with it, and nothing else."""
    what = f"{by.split()[0]} of {kind[:-1]} {told_as or item}"
    with row(client, f"{by}, {told_as or item}") as line:
        before = facts(emulator)
        line.judge((WORKSPACE, kind, item) in before, f"{what}: the truth does not hold it, so nothing can be shown")
        line.judge(item in client.ask(kind), f"{what}: the client's list does not show it before")
        told = client.ask(kind[:-1], **details)
        line.judge(told == item, f"{what}: before, the client gets it as {told}")
        ended = client.ask(by, about=what, **details)
        # azureml-core says nothing where it is content, the management clients say how the operation ended.
        line.judge(ended in (None, "Succeeded"), f"{what}: the client's poller ended with {ended}")
        line.judge(item not in client.ask(kind), f"{what}: the client's list still shows it")
        try:
            told = client.ask(kind[:-1], **details)
            line.fail(f"{what}: the client still gets it, as {told}")
        except Refusal as refusal:
            said = str(refusal).lower()
            denied = any(word in said for word in NOT_FOUND)
            line.judge(denied, f"{what}: the client does not say not found, but: {said[:300]}")
        gone, other = changes(before, facts(emulator))
        line.judge((WORKSPACE, kind, item) in gone, f"{what}: the truth still holds it")
        theirs = {each for each in before if each[:2] == (WORKSPACE, parts) and each[2].startswith(f"{item}/")}
        wanted = {(WORKSPACE, kind, item)} | theirs
        line.judge(gone <= wanted, f"{what}: gone with it: {sorted(gone - wanted)[:5]}")
        line.judge(theirs <= gone, f"{what}: parts of it are still there: {sorted(theirs - gone)[:5]}")
        line.judge(not other, f"{what}: changed with it: {sorted(other)[:5]}")


def refused(client, emulator, what, by, word, **details):
    """A delete that the service refuses: the client raises with the service's word, and nothing is gone."""
    with row(client, f"{by}, refused: {what}") as line:
        before = facts(emulator)
        try:
            client.ask(by, about=by, **details)
            line.fail(f"{what}: the client believes that it was deleted")
        except Refusal as refusal:
            line.judge(word in str(refusal), f"{what}: the client does not pass on {word!r}, but: {str(refusal)[:300]}")
        gone, other = changes(before, facts(emulator))
        line.judge(not gone and not other, f"{what}: gone or changed all the same: {sorted(gone | other)[:5]}")


def named(truth, kind, name):
    return next(id for id, fact in truth[kind].items() if fact["doc"]["name"] == name)


def by_azureml_core(client, emulator):
    truth = emulator.truth(WORKSPACE)
    refused(client, emulator, "an image holds the model", "delete model", "412", id="churn-model:1")
    delete(client, emulator, "models", "vision:3", by="delete model", id="vision:3")
    delete(client, emulator, "services", "slow-aks", by="delete service", name="slow-aks")
    full, empty = (named(truth, "experiments", name) for name in ("churn", "empty-husk"))
    refused(client, emulator, "the experiment has runs", "delete experiment", "contains runs", id=full)
    delete(client, emulator, "experiments", empty, told_as="empty-husk", by="delete experiment", id=empty)
    delete(client, emulator, "computes", "cpu-cluster", by="delete compute", name="cpu-cluster", parts="compute-nodes")
    delete(client, emulator, "computes", "vm-jump", by="detach compute", name="vm-jump")


def by_management(client, emulator, compute):
    delete(client, emulator, "computes", compute, by="delete compute", name=compute, parts="compute-nodes")
