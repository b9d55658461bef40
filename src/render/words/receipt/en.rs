//! The receipt in English.

use super::ReceiptWords;
use crate::render::language::Plural;

pub(in crate::render) const EN: ReceiptWords = ReceiptWords {
    title: "Receipt of an erasure in Azure Machine Learning",
    caution: Plural {
        one: "Not everything was erased: {n} item of the plan is still there. See below which state it is in.",
        many: "Not everything was erased: {n} items of the plan are still there. See below which states they are in.",
    },
    about: "What this is",
    about_text: [
        "This page tells what a plan erased in one workspace of Azure Machine Learning, what remains and where, and whom to ask. It is written from the file receipt.json beside it.",
        "It names neither people nor items: they stand in receipt.json as hashes that were made with a key, and without that key nobody can link them to a person.",
        "Times are in Coordinated Universal Time (UTC).",
    ],
    asked: "What was asked, and when it was done",
    case: "Case",
    not_stated: "not stated",
    responsible: "Responsible",
    about_whom: "Person concerned",
    one_person: Plural {
        one: "one person, looked for by {n} identifier",
        many: "one person, looked for by {n} identifiers",
    },
    no_person: "the plan was not made for one person",
    began: "Begun",
    ended: "Ended",
    approvals: "Approvals",
    approvals_text: "{given} given, {wanted} required by the plan",
    export: "Export before the erasure",
    export_bag: "made and verified; its payload manifest has the SHA-256",
    export_without: "none: the plan says that none was wanted",
    plan: "Digest of the plan (SHA-256)",
    outcome: "What was done",
    nothing: "The plan had no item to erase.",
    items: Plural {
        one: "{n} item",
        many: "{n} items",
    },
    outcome_caption: "Items of the plan by kind and state",
    state: "State",
    items_head: "Items",
    left_title: "Items without a call of their own",
    left_text: "The plan decided otherwise about these, or nobody asked for them. The reasons stand in the plan.",
    left_caption: "Items without a call of their own, by kind and decision",
    decision: "Decision",
    in_detail: "Every item stands in receipt.json with its state, its time and the service’s own names of the requests.",
    states_title: "What the states mean",
    states_text: "These are the states that occur above.",
    states: [
        (
            "erased",
            "The record is gone, and every place of its bytes that is known was looked at and is empty.",
        ),
        (
            "already gone",
            "It was no longer there when its turn came; nothing was sent.",
        ),
        (
            "record gone, bytes remain",
            "The record is gone. Bytes that belong to it are still in a storage place, named under what remains.",
        ),
        (
            "record gone, places not looked at",
            "The record is gone. Nobody looked whether bytes that belong to it are still in storage; the places are named under what remains.",
        ),
        (
            "soft-deleted",
            "It is hidden and can still be recovered until the date named under what remains. Until then it is not erased.",
        ),
        (
            "disabled, not erased",
            "No call erases it. It was switched off and is still there.",
        ),
        (
            "archived, not erased",
            "It was hidden from lists and is still there.",
        ),
        (
            "changed, kept",
            "It was no longer what the plan had seen, so it was left alone.",
        ),
        (
            "kept",
            "It was not tried, since something that hangs on it is still there.",
        ),
        (
            "not confirmed",
            "The service said that it is done, and it is still there, or its name is still reserved.",
        ),
        ("failed", "The service refused, or did not finish."),
        ("not possible", "No call of any interface erases it."),
        (
            "not tried",
            "The work ended before its turn came. The same plan can be gone on with.",
        ),
    ],
    decisions: [
        "erased by a step",
        "switched off by a step",
        "goes with what it hangs on",
        "stays",
        "cannot be erased by any interface",
        "was gone when the plan was made",
    ],
    not_asked: "not asked for",
    remains_title: "What remains, and whom to ask",
    remains_text: "Nothing that is done in a workspace reaches the resources around it. Those with a place are known; the others exist or not, and only their owners can tell.",
    until: "Until when",
    ask: "Whom to ask",
    remains: [
        (
            "Items of the plan that are still there",
            "until another plan erases them",
            "Whoever runs this tool: the plan and the journal name each of them and the reason.",
        ),
        (
            "Items that were asked for and had no call",
            "until another plan, or another way, erases them",
            "Whoever runs this tool: the plan names each of them and the reason.",
        ),
        (
            "Soft-deleted items",
            "",
            "An administrator of the workspace, for a permanent deletion.",
        ),
        (
            "Bytes in storage",
            "until their owner erases them",
            "The owner of the storage account.",
        ),
        (
            "The workspace’s storage account",
            "until its owner erases it",
            "The owner of the storage account: job outputs, logs and uploads in its containers, notebooks and folders of users (Users/<name>) on its file shares.",
        ),
        (
            "Storage behind datastores",
            "until its owner erases it",
            "The owner of this account or database.",
        ),
        (
            "Key Vault",
            "until its owner erases it",
            "The owner of the key vault.",
        ),
        (
            "Container registry",
            "until its owner erases it",
            "The owner of the container registry: images that were built from code.",
        ),
        (
            "Application Insights",
            "by its retention",
            "The owner of the resource, for a purge.",
        ),
        (
            "Log Analytics",
            "by its retention",
            "The owner of the Log Analytics workspace behind Application Insights and the diagnostic settings, for a purge.",
        ),
        (
            "Resource group that the service manages",
            "until the workspace is deleted for good",
            "An administrator of the workspace.",
        ),
        (
            "Registries of Azure Machine Learning",
            "until their owners erase it",
            "The owners of registries that models and components were shared with.",
        ),
        (
            "Soft deletion of other services",
            "by their retention",
            "The owners of the storage account, the key vault, the container registry and the logs: each may keep what was deleted until it is purged.",
        ),
        (
            "Back-ups",
            "by their retention",
            "Whoever keeps back-ups. After a restore, what was erased is found again with replay.json and the key.",
        ),
        (
            "Telemetry kept by Microsoft",
            "by Microsoft’s retention",
            "An administrator of the tenant, through the Azure Privacy portal: in the Azure portal, open Policy, then User privacy.",
        ),
        (
            "The export made before the erasure",
            "until its owner erases it",
            "Whoever keeps the bag.",
        ),
        (
            "The plan and the journal of this erasure",
            "until their owner erases them",
            "Whoever carried it out: both name items and people in clear and must not be handed over.",
        ),
    ],
    notify_title: "Whom to notify",
    notify_text: "Article 19 of the General Data Protection Regulation (GDPR) asks the controller to tell every recipient of an erasure, unless this proves impossible or takes a disproportionate effort. The plan and the documents of the workspace show these.",
    whom: [
        (
            "Registry",
            "Items of the workspace are shared with this registry, or come from it.",
        ),
        (
            "Callers of endpoints and services",
            "Whoever called these may keep what they were answered.",
        ),
        (
            "Linked workspace",
            "It may use the same storage and the same items.",
        ),
        (
            "Storage behind a datastore",
            "Data may have been read from it and written to it.",
        ),
        (
            "Connections",
            "They lead to services outside the workspace.",
        ),
        (
            "Receivers of the export",
            "Whoever received the bag that was made before the erasure.",
        ),
        (
            "Others",
            "Recipients that only the controller knows: downloads, back-ups, code repositories, reports, processors.",
        ),
    ],
    check: "How to check this receipt",
    check_text: "Each of these commands is run in the folder of the receipt; none needs a network.",
    check_tool: "With this tool, which also checks the plan, the journal and this page:",
    check_openssl: "With OpenSSL 3, whether the signature is by the public key beside the receipt:",
    check_key: "The fingerprint of that public key, to compare with the one below:",
    signed: "The receipt is signed (Ed25519). The signature shows that nothing was changed since. By whom it is shows only when the fingerprint of the public key is known from elsewhere.",
    unsigned: "The receipt is not signed. Its digest shows accidents only: whoever changes it on purpose can make a new digest.",
    fingerprint: "Fingerprint of the public key (SHA-256)",
    journal: "Journal",
    journal_text: "{lines} lines, the last one with the hash",
    hashes_title: "How the hashes were made",
    hashes_text: "Every hash is an HMAC-SHA-256 with a key of 32 bytes. The key lies in a file of its own and is no part of this receipt. Whoever has it can prove that a certain item or person stands in the receipt; without it nobody can link the receipt to a person. Whoever destroys it makes that final.",
};
