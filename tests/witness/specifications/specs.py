"""Where the published specifications stand, and which of them judge us."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]

ARM = "arm/specification/machinelearningservices/resource-manager/Microsoft.MachineLearningServices/stable/2024-04-01"
DATA = "dataplane/specification/machinelearningservices/data-plane/Microsoft.MachineLearningServices/preview/2019-09-30"

# The short name that facts and rows carry, and the file below the directory of specifications.
FILES = {
    "arm 2024-04-01 mfe": f"{ARM}/mfe.json",
    "arm 2024-04-01 machineLearningServices": f"{ARM}/machineLearningServices.json",
    "arm 2024-04-01 registries": f"{ARM}/registries.json",
    "arm 2024-04-01 workspaceFeatures": f"{ARM}/workspaceFeatures.json",
    "data-plane 2019-09-30 artifact": f"{DATA}/artifact.json",
    "data-plane 2019-09-30 datastore": f"{DATA}/datastore.json",
    "data-plane 2019-09-30 modelManagement": f"{DATA}/modelManagement.json",
    "data-plane 2019-09-30 runHistory": f"{DATA}/runHistory.json",
    "run-history v1.0": "dataplane/azure-sdk-for-python/runhistory/run-history.openapi3.json",
}


def directory():
    """The directory of specifications, or None: AML_DSR_SPECS, or the one beside the project."""
    named = os.environ.get("AML_DSR_SPECS")
    place = pathlib.Path(named) if named else ROOT.parent / "shared" / "specs"
    return place if all((place / file).is_file() for file in FILES.values()) else None
