"""Microsoft's own Python clients, unchanged, judge the emulator: what they list is the truth, and what they delete is gone."""

import os

from clients import deletes, lists
from clients.stage import WORKSPACE, Client, Stage

CORE = ("azureml-core 1.61.0", os.environ["WITNESS_AZUREML_CORE"], "core_client.py")
NEWEST = ("azure-mgmt-machinelearningservices 2.0.0b2", os.environ["WITNESS_MGMT_NEWEST"], "mgmt_client.py")
OF_2020 = ("azure-mgmt-machinelearningservices 1.0.1", os.environ["WITNESS_MGMT_2020"], "mgmt_client.py")


def main():
    with Stage() as stage:
        truth = stage.emulator.truth(WORKSPACE)
        for each in (OF_2020, NEWEST):
            with Client(*each, stage) as client:
                lists.by_management(client, stage, truth)
                lists.nothing_strayed(client)
        with Client(*CORE, stage) as client:
            lists.by_azureml_core(client, stage, truth)
            lists.nothing_strayed(client)
        # The client's own switch to the first generation of metrics: empty means no.
        with Client(*CORE, stage, AZUREML_USE_METRICS_V2="") as client:
            lists.metrics_of_then(client, truth)
            lists.nothing_strayed(client)
    with Stage() as stage:
        for each, compute in ((OF_2020, "ci-ada"), (NEWEST, "databricks-eu")):
            with Client(*each, stage) as client:
                deletes.by_management(client, stage.emulator, compute)
        with Client(*CORE, stage) as client:
            deletes.by_azureml_core(client, stage.emulator)


if __name__ == "__main__":
    main()
