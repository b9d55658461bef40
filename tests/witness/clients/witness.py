"""Microsoft's own Python clients, unchanged, judge the emulator: what they list is the truth, and what they delete is gone."""

import collections
import os

from clients import deletes, lists
from clients.stage import WORKSPACE, Client, Stage

CORE = ("azureml-core", os.environ["WITNESS_AZUREML_CORE"], "core_client.py")
NEWEST = ("azure-mgmt-machinelearningservices", os.environ["WITNESS_MGMT_NEWEST"], "mgmt_client.py")
OF_2020 = ("azure-mgmt-machinelearningservices", os.environ["WITNESS_MGMT_2020"], "mgmt_client.py")


def list_everything(heard):
    with Stage() as stage:
        # A kind that the truth lacks is an empty one, which no comparison accepts.
        truth = collections.defaultdict(dict, stage.emulator.truth(WORKSPACE))
        for each in (OF_2020, NEWEST):
            with Client(*each, stage) as client:
                heard[client.name].append(client)
                lists.by_management(client, stage, truth)
        with Client(*CORE, stage) as client:
            heard[client.name].append(client)
            lists.by_azureml_core(client, stage, truth)
        # The client's own switch to the first generation of metrics: empty means no.
        with Client(*CORE, stage, AZUREML_USE_METRICS_V2="") as client:
            heard[client.name].append(client)
            lists.metrics_of_then(client, truth)


def delete_some(heard):
    """On an emulator of their own, since the lists are to find everything."""
    with Stage() as stage:
        for each, compute in ((OF_2020, "ci-ada"), (NEWEST, "databricks-eu")):
            with Client(*each, stage) as client:
                heard[client.name].append(client)
                deletes.by_management(client, stage.emulator, compute)
        with Client(*CORE, stage) as client:
            heard[client.name].append(client)
            deletes.by_azureml_core(client, stage.emulator)


def main():
    heard = collections.defaultdict(list)
    list_everything(heard)
    delete_some(heard)
    for clients in heard.values():
        lists.nothing_strayed(clients)


if __name__ == "__main__":
    main()
