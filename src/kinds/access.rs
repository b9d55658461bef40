//! Rows of who may do what in a workspace or registry: they stand in Azure beside it, and are shown and never changed here.

use super::{Base, Erase, Kind, Paging, ROW, Service, Who, get, person, text};

/// Roles at a workspace and above it: what is given further down has no place in a workspace.
const ROLE_ASSIGNMENTS: Kind = Kind {
    name: "role-assignments",
    family: "access",
    service: Service::Arm,
    list: &[get(
        Base::RoleAssignments,
        "/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()",
        Paging::NextLink,
        "value",
    )],
    id: "{.name}",
    person: &[
        person("properties/principalId", Who::ObjectId),
        person("properties/createdBy", Who::ObjectId),
        person("properties/updatedBy", Who::ObjectId),
        text("properties/description"),
        text("properties/condition"),
    ],
    times: &["properties/createdOn", "properties/updatedOn"],
    erase: Erase::Elsewhere(
        "it says who may use the workspace, and taking it away silently could lock out others: whoever manages access removes it in Azure (Access control)",
    ),
    source: "Azure REST, Microsoft.Authorization 2022-04-01: Role Assignments - List For Scope; ids only, names are in the directory",
    ..ROW
};

/// Locks at a workspace, above it and in it.
const LOCKS: Kind = Kind {
    name: "locks",
    family: "access",
    service: Service::Arm,
    list: &[get(
        Base::Locks,
        "/providers/Microsoft.Authorization/locks",
        Paging::NextLink,
        "value",
    )],
    // Two scopes may each have a lock of one name.
    id: "{.id}",
    person: &[
        person("properties/owners/*/applicationId", Who::ObjectId),
        text("name"),
        text("properties/notes"),
    ],
    erase: Erase::Elsewhere(
        "it was set so that nothing is erased by mistake: whoever set it removes it in Azure (Locks)",
    ),
    source: "Azure REST, Microsoft.Authorization 2020-05-01: Management Locks - List By Scope",
    ..ROW
};

pub(super) static ROWS: &[Kind] = &[ROLE_ASSIGNMENTS, LOCKS];

/// The same of registries.
pub(super) static OF_REGISTRIES: &[Kind] = &[
    Kind {
        name: "registry-role-assignments",
        parent: Some("registries"),
        erase: Erase::Elsewhere(
            "it says who may use the registry, and taking it away silently could lock out others: whoever manages access removes it in Azure (Access control)",
        ),
        ..ROLE_ASSIGNMENTS
    },
    Kind {
        name: "registry-locks",
        parent: Some("registries"),
        ..LOCKS
    },
];
