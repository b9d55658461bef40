"""azureml-core: what it is asked, in the words of its own documentation."""

import hashlib

from speaks import serve, token


def open_client(place):
    from azureml.core import Dataset, Datastore, Environment, Experiment, Image, Model, Webservice, Workspace, get_run
    from azureml.core.authentication import ArmTokenAuthentication
    from azureml.core.compute import ComputeTarget
    from azureml.core.experiment import ViewType

    auth = ArmTokenAuthentication(token(place["tenant"], place["arm"]), cloud="AzureCloud")
    workspace = Workspace(place["subscription"], place["group"], place["workspace"], auth=auth)

    def experiments():
        return Experiment.list(workspace, view_type=ViewType.All)

    known = {}

    def experiment(id):
        # Made by name, the client would refuse names that other clients may give; from its own list it takes any.
        if id not in known:
            known.update((each.id, each) for each in experiments())
        return known[id]

    def read_experiment(id):
        found = experiment(id)
        found.refresh()
        return found.id

    def run(id, of):
        return get_run(experiment(of), id, clean_up=False)

    def workspaces():
        found = Workspace.list(place["subscription"], auth=auth)
        return [each.get_details()["id"] for same_name in found.values() for each in same_name]

    def artifacts(runs):
        # The client names an artifact by its run and path; its id in the service is that of the container and path.
        told = []
        for each in runs:
            found = run(**each)
            told += [f"ExperimentRun/{found._container}/{name}" for name in found.get_file_names()]
        return told

    def download(path, to, **which):
        run(**which).download_file(path, to)
        with open(to, "rb") as file:
            held = file.read()
        return {"sha256": hashlib.sha256(held).hexdigest(), "length": len(held)}

    def metrics(runs):
        """By run and name, as `get_metrics` gives them."""
        return [[each["id"], name] for each in runs for name in run(**each).get_metrics()]

    def metrics_by_name(asked):
        return [[which["id"], found] for name, which in asked for found in run(**which).get_metrics(name=name)]

    def metric_ids(runs):
        """The documents that `get_metrics` reads for the first generation: its answer drops their ids."""
        return [found.metric_id for each in runs for found in run(**each)._client.metrics._get_metrics_for_run()]

    def paths(node, before=""):
        """Of a tree, the files, each with the directories that it lies in."""
        for name, child in (node.children or {}).items():
            if child.type == "File":
                yield before + name
            else:
                yield from paths(child, f"{before}{name}/")

    def snapshots(ids):
        """By id and path. The client has no public call for the listing; this is its own, made from the service's description."""
        from azureml._restclient.snapshots_client import SnapshotsClient

        service = SnapshotsClient(workspace.service_context).get_rest_client().snapshot
        scope = place["subscription"], place["group"], place["workspace"]
        found = [service.get_snapshot_metadata(*scope, each) for each in ids]
        return [[each.id, path] for each in found for path in paths(each.root)]

    def delete_compute(name):
        compute = ComputeTarget(workspace, name)
        compute.delete()
        compute.wait_for_completion(show_output=True, is_delete_operation=True)

    def detach_compute(name):
        compute = ComputeTarget(workspace, name)
        compute.detach()
        compute.wait_for_completion(show_output=True, is_delete_operation=True)

    def names(found):
        return [each.name for each in found]

    def ids(found):
        return [each.id for each in found]

    return {
        "workspaces": workspaces,
        "experiments": lambda: ids(experiments()),
        "runs": lambda of: ids(experiment(of).get_runs(include_children=True)),
        "run": lambda **which: run(**which).id,
        "run details": lambda runs: [run(**each).get_details()["runId"] for each in runs],
        "children": lambda **which: ids(run(**which).get_children()),
        "metrics": metrics,
        "metrics by name": metrics_by_name,
        "metric ids": metric_ids,
        "artifacts": artifacts,
        "download": download,
        "snapshots": snapshots,
        "computes": lambda: names(ComputeTarget.list(workspace)),
        "models": lambda: ids(Model.list(workspace)),
        "images": lambda: ids(Image.list(workspace)),
        "services": lambda: names(Webservice.list(workspace)),
        "datastores": lambda: list(workspace.datastores),
        "datasets": lambda: [each.registered_id for each in Dataset.get_all(workspace).registrations],
        "environments": lambda: list(Environment.list(workspace)),
        "model": lambda id: Model(workspace, id=id).id,
        "service": lambda name: Webservice(workspace, name).name,
        "datastore": lambda name: Datastore.get(workspace, name).name,
        "environment": lambda name: Environment.get(workspace, name).name,
        "compute": lambda name: ComputeTarget(workspace, name).name,
        "experiment": read_experiment,
        "delete model": lambda id: Model(workspace, id=id).delete(),
        "delete service": lambda name: Webservice(workspace, name).delete(),
        "delete experiment": lambda id: Experiment.delete(workspace, id),
        "delete compute": delete_compute,
        "detach compute": detach_compute,
    }


if __name__ == "__main__":
    serve(open_client)
