"""azure-mgmt-machinelearningservices, of 2020 and of today. They differ in the names of two operation groups."""

from speaks import serve, token


def open_client(place):
    from azure.core.credentials import AccessToken
    from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient

    class Credential:
        def get_token(self, *_scopes, **_more):
            return AccessToken(token(place["tenant"], place["arm"]), 1 << 40)

    client = MachineLearningServicesMgmtClient(Credential(), place["subscription"], base_url=place["arm"])
    of_2020 = hasattr(client, "machine_learning_compute")
    computes = client.machine_learning_compute if of_2020 else client.compute
    list_computes = computes.list_by_workspace if of_2020 else computes.list
    where = (place["group"], place["workspace"])

    def delete_compute(name):
        poller = computes.begin_delete(*where, name, underlying_resource_action="Delete", polling_interval=0.2)
        poller.wait(50)
        return poller.status()

    return {
        "workspaces": lambda: [each.id for each in client.workspaces.list_by_subscription()],
        "workspaces of a group": lambda: [each.id for each in client.workspaces.list_by_resource_group(place["group"])],
        "workspace": lambda group, name: client.workspaces.get(group, name).id,
        "computes": lambda: [each.name for each in list_computes(*where)],
        "compute": lambda name: computes.get(*where, name).name,
        "delete compute": delete_compute,
    }


if __name__ == "__main__":
    serve(open_client)
