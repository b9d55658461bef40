"""Operations of the specifications that the emulator does not answer, each with the reason.

Verb and path, the scope of a workspace written as W and that of a registry as R: both are patterns. What is not here has to be answered; what is here and is answered
after all has to be taken away.
"""

CREATES = "creates or changes something: the emulator's world is given"
KEYS = "hands out or renews keys: nothing of ours may ever ask for it"
OTHER = "no part of what is exported or erased"

ASSET = "(models|data|codes|components|environments|featuresets|featurestoreEntities)"

ABSENT = {
    r"PUT .*": CREATES,
    r"PATCH (W|R|W/computes/.*|W/.*[eE]ndpoints/.*)": CREATES,
    r"PATCH /modelmanagement/.*": CREATES,
    r"PATCH /history/.*/(batch/runs|serviceinstances/.*|deleteConfiguration)": CREATES,
    r"POST /artifact/.*/(artifacts/metadata|register|content|containersas)": CREATES,
    r"POST /artifact/v2\.0W/artifacts/storageuri/batch/metadata": OTHER,
    r"POST /datastore/v1\.0W/datastores": CREATES,
    r"POST /history/.*/(events|metrics|spans)": CREATES,
    r"POST /history/v1\.0W/(experiments|runs)/\{[^}]*\}": CREATES,
    r"POST /metric/.*/(batch|sample)": CREATES,
    r"POST /metric/v2\.0W/azuremonitor/list": OTHER,
    r"POST /modelmanagement/v1\.0W/(assets|models|services|images/.*/profiles)": CREATES,
    r"POST /modelmanagement/.*/(regenerateKeys|token)": KEYS,
    r"POST W(/.*)?/(listKeys|listkeys|listSecrets|listsecrets|regenerateKeys|token|resyncKeys|getLogs)": KEYS,
    r"POST W/(listNotebookKeys|listStorageAccountKeys|listNotebookAccessToken)": KEYS,
    r"POST .*/(publish|startPendingUpload|backfill|diagnose|prepareNotebook|provisionManagedNetwork|updateQuotas)": CREATES,
    r"POST W/(computes|jobs)/.*/(start|stop|restart|cancel)": CREATES,
    r"GET W/onlineEndpoints/\{endpointName\}/deployments/\{deploymentName\}/skus": OTHER,
    r"GET W/(privateLinkResources|outboundNetworkDependenciesEndpoints)": OTHER,
    r"GET <scope>/locations/.*": OTHER,
    r"GET /providers/Microsoft\.MachineLearningServices/operations": OTHER,
    r"POST R/removeRegions": CREATES,
    r"POST R/datareferences/.*": KEYS,
    r"GET /history/v1\.0/privateW/.*": OTHER,
    r"GET /history/v1\.0W/runs/\{runId\}/serviceinstances/\{nodeId\}": OTHER,
    r"GET /modelmanagement/v1\.0W/models/\{id\}/metrics": OTHER,
    r"DELETE /history/v1\.0W/experimentids/\{experimentId\}/tags": "an older form of the call that is answered, tags:delete",
}

# Operations that are answered, but not what a tour sends, which is a document without anything in it: each has to answer 400.
# With a whole document, read before, they are asked by whole deletes.
REFUSED = {
    rf"PUT W/({ASSET}|(online|batch|serverless)Endpoints|schedules|datastores|connections)/.*": "a document without properties is refused",
}

# Operations that are answered, and refuse what a tour asks for: each has to answer 409.
HELD = {
    r"DELETE R/(models|data|codes|components|environments)/\{[^}]*\}": "a container in a registry stays while it has versions",
}
