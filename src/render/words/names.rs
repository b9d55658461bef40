//! What kinds are called by people, in English, French and Dutch.
//!
//! A kind that has no name of its own takes that of its family, with the catalogue's word beside it; so a new row has a
//! name from its first day.

use std::borrow::Cow;

use crate::kinds;
use crate::render::language::Language;

type Names = (&'static str, [&'static str; 3]);

/// Kinds by the name in the catalogue.
#[rustfmt::skip]
const KINDS: &[Names] = &[
    ("workspaces", ["Workspaces", "Espaces de travail", "Werkruimten"]),
    ("computes", ["Compute resources", "Ressources de calcul", "Rekenresources"]),
    ("compute-nodes", ["Machines of compute clusters", "Machines des grappes de calcul", "Machines van rekenclusters"]),
    ("experiments", ["Experiments", "Expériences", "Experimenten"]),
    ("runs", ["Runs", "Exécutions", "Uitvoeringen"]),
    ("run-details", ["Details of runs", "Détails des exécutions", "Details van uitvoeringen"]),
    ("metrics", ["Metrics (first generation)", "Métriques (première génération)", "Metrische gegevens (eerste generatie)"]),
    ("metrics-v2", ["Metrics (second generation)", "Métriques (deuxième génération)", "Metrische gegevens (tweede generatie)"]),
    ("artifacts", ["Files of runs", "Fichiers des exécutions", "Bestanden van uitvoeringen"]),
    ("snapshots", ["Listings of submitted code", "Listes du code soumis", "Lijsten van ingediende code"]),
    ("notification-tasks", ["Notifications", "Notifications", "Meldingen"]),
    ("datastores", ["Datastores", "Magasins de données", "Gegevensarchieven"]),
    ("datasets", ["Datasets", "Jeux de données", "Gegevenssets"]),
    ("dataset-definitions", ["Definitions of datasets", "Définitions des jeux de données", "Definities van gegevenssets"]),
    ("environments", ["Environments", "Environnements", "Omgevingen"]),
    ("models", ["Models", "Modèles", "Modellen"]),
    ("assets", ["Assets", "Ressources de modèles", "Assets"]),
    ("asset-artifacts", ["Files of assets", "Fichiers des ressources de modèles", "Bestanden van assets"]),
    ("images", ["Images", "Images", "Images"]),
    ("image-profiles", ["Profiles of images", "Profils des images", "Profielen van images"]),
    ("services", ["Web services", "Services web", "Webservices"]),
    ("published-pipelines", ["Published pipelines", "Pipelines publiés", "Gepubliceerde pijplijnen"]),
    ("pipeline-endpoints", ["Pipeline endpoints", "Points de terminaison de pipelines", "Pijplijneindpunten"]),
    ("pipeline-schedules", ["Pipeline schedules", "Planifications de pipelines", "Pijplijnplanningen"]),
    ("pipeline-drafts", ["Pipeline drafts", "Brouillons de pipelines", "Pijplijnconcepten"]),
    ("pipeline-templates", ["Pipeline templates", "Gabarits de pipelines", "Pijplijnsjablonen"]),
    ("pipeline-runs", ["Pipeline runs", "Exécutions de pipelines", "Pijplijnuitvoeringen"]),
    ("pipeline-graphs", ["Pipeline graphs", "Graphes de pipelines", "Pijplijngrafen"]),
    ("pipeline-modules", ["Pipeline modules", "Modules de pipelines", "Pijplijnmodules"]),
    ("pipeline-data-sources", ["Pipeline data sources", "Sources de données de pipelines", "Gegevensbronnen van pijplijnen"]),
    ("jobs", ["Jobs", "Travaux", "Taken"]),
    ("schedules", ["Schedules", "Planifications", "Planningen"]),
    ("data-assets", ["Data assets", "Ressources de données", "Gegevensassets"]),
    ("data-asset-versions", ["Versions of data assets", "Versions des ressources de données", "Versies van gegevensassets"]),
    ("arm-models", ["Registered models", "Modèles enregistrés", "Geregistreerde modellen"]),
    ("arm-model-versions", ["Versions of registered models", "Versions des modèles enregistrés", "Versies van geregistreerde modellen"]),
    ("arm-environments", ["Registered environments", "Environnements enregistrés", "Geregistreerde omgevingen"]),
    ("arm-environment-versions", ["Versions of registered environments", "Versions des environnements enregistrés", "Versies van geregistreerde omgevingen"]),
    ("components", ["Components", "Composants", "Onderdelen"]),
    ("component-versions", ["Versions of components", "Versions des composants", "Versies van onderdelen"]),
    ("codes", ["Code assets", "Ressources de code", "Codeassets"]),
    ("code-versions", ["Versions of code assets", "Versions des ressources de code", "Versies van codeassets"]),
    ("feature-sets", ["Feature sets", "Ensembles de caractéristiques", "Sets met kenmerken"]),
    ("feature-set-versions", ["Versions of feature sets", "Versions des ensembles de caractéristiques", "Versies van sets met kenmerken"]),
    ("features", ["Features", "Caractéristiques", "Kenmerken"]),
    ("feature-store-entities", ["Feature store entities", "Entités du magasin de caractéristiques", "Entiteiten van het kenmerkenarchief"]),
    ("feature-store-entity-versions", ["Versions of feature store entities", "Versions des entités du magasin de caractéristiques", "Versies van entiteiten van het kenmerkenarchief"]),
    ("online-endpoints", ["Online endpoints", "Points de terminaison en ligne", "Online-eindpunten"]),
    ("online-deployments", ["Online deployments", "Déploiements en ligne", "Online-implementaties"]),
    ("batch-endpoints", ["Batch endpoints", "Points de terminaison par lots", "Batch-eindpunten"]),
    ("batch-deployments", ["Batch deployments", "Déploiements par lots", "Batch-implementaties"]),
    ("serverless-endpoints", ["Serverless endpoints", "Points de terminaison sans serveur", "Serverloze eindpunten"]),
    ("marketplace-subscriptions", ["Marketplace subscriptions", "Abonnements à la Place de marché", "Marketplace-abonnementen"]),
    ("connections", ["Connections", "Connexions", "Verbindingen"]),
    ("capability-hosts", ["Capability hosts", "Hôtes de capacités", "Capability-hosts"]),
    ("arm-datastores", ["Datastores, as the resource manager shows them", "Magasins de données, vus par le gestionnaire de ressources", "Gegevensarchieven, zoals de resourcemanager ze toont"]),
    ("outbound-rules", ["Outbound network rules", "Règles de sortie du réseau", "Uitgaande netwerkregels"]),
    ("private-endpoint-connections", ["Private endpoint connections", "Connexions de points de terminaison privés", "Privé-eindpuntverbindingen"]),
    ("role-assignments", ["Role assignments", "Attributions de rôles", "Roltoewijzingen"]),
    ("locks", ["Locks", "Verrous", "Vergrendelingen"]),
    ("registries", ["Registries", "Registres", "Registers"]),
    ("registry-models", ["Models in registries", "Modèles des registres", "Modellen in registers"]),
    ("registry-model-versions", ["Versions of models in registries", "Versions des modèles des registres", "Versies van modellen in registers"]),
    ("registry-data", ["Data in registries", "Données des registres", "Gegevens in registers"]),
    ("registry-data-versions", ["Versions of data in registries", "Versions des données des registres", "Versies van gegevens in registers"]),
    ("registry-environments", ["Environments in registries", "Environnements des registres", "Omgevingen in registers"]),
    ("registry-environment-versions", ["Versions of environments in registries", "Versions des environnements des registres", "Versies van omgevingen in registers"]),
    ("registry-components", ["Components in registries", "Composants des registres", "Onderdelen in registers"]),
    ("registry-component-versions", ["Versions of components in registries", "Versions des composants des registres", "Versies van onderdelen in registers"]),
    ("registry-codes", ["Code in registries", "Code des registres", "Code in registers"]),
    ("registry-code-versions", ["Versions of code in registries", "Versions du code des registres", "Versies van code in registers"]),
    ("registry-role-assignments", ["Role assignments of registries", "Attributions de rôles des registres", "Roltoewijzingen van registers"]),
    ("registry-locks", ["Locks of registries", "Verrous des registres", "Vergrendelingen van registers"]),
];

/// Families of the catalogue.
#[rustfmt::skip]
const FAMILIES: &[Names] = &[
    ("workspace information", ["Workspace information", "Informations sur l’espace de travail", "Werkruimtegegevens"]),
    ("compute information", ["Compute information", "Informations de calcul", "Rekengegevens"]),
    ("run history data", ["Run history", "Historique d’exécution", "Uitvoeringsgeschiedenis"]),
    ("artifacts", ["Artifacts", "Artefacts", "Artefacten"]),
    ("notifications", ["Notifications", "Notifications", "Meldingen"]),
    ("datastores", ["Datastores", "Magasins de données", "Gegevensarchieven"]),
    ("datasets", ["Datasets", "Jeux de données", "Gegevenssets"]),
    ("environments", ["Environments", "Environnements", "Omgevingen"]),
    ("models", ["Models", "Modèles", "Modellen"]),
    ("assets", ["Assets", "Ressources de modèles", "Assets"]),
    ("images", ["Images", "Images", "Images"]),
    ("services", ["Web services", "Services web", "Webservices"]),
    ("pipelines", ["Pipelines", "Pipelines", "Pijplijnen"]),
    ("jobs", ["Jobs", "Travaux", "Taken"]),
    ("schedules", ["Schedules", "Planifications", "Planningen"]),
    ("data assets", ["Data assets", "Ressources de données", "Gegevensassets"]),
    ("registered models", ["Registered models", "Modèles enregistrés", "Geregistreerde modellen"]),
    ("registered environments", ["Registered environments", "Environnements enregistrés", "Geregistreerde omgevingen"]),
    ("components", ["Components", "Composants", "Onderdelen"]),
    ("code", ["Code", "Code", "Code"]),
    ("feature store", ["Feature store", "Magasin de caractéristiques", "Kenmerkenarchief"]),
    ("endpoints", ["Endpoints", "Points de terminaison", "Eindpunten"]),
    ("connections", ["Connections", "Connexions", "Verbindingen"]),
    ("network", ["Network", "Réseau", "Netwerk"]),
    ("access", ["Access", "Accès", "Toegang"]),
    ("registries", ["Registries", "Registres", "Registers"]),
];

/// What a person calls a kind. A kind that this program does not know keeps the word that the bag has for it.
pub(in crate::render) fn name_of(kind: &str, language: Language) -> Cow<'_, str> {
    if let Some(name) = look_up(KINDS, kind, language) {
        return Cow::Borrowed(name);
    }
    let family = kinds::find(kind).and_then(|row| look_up(FAMILIES, row.family, language));
    match family {
        Some(family) => Cow::Owned(format!("{family} ({kind})")),
        None => Cow::Borrowed(kind),
    }
}

fn look_up(table: &[Names], word: &str, language: Language) -> Option<&'static str> {
    let names = &table.iter().find(|(known, _)| *known == word)?.1;
    Some(names[language as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_a_name_in_every_language() {
        for row in kinds::exported() {
            for language in Language::ALL {
                let name = look_up(FAMILIES, row.family, language);
                assert!(
                    name.is_some_and(|name| !name.is_empty()),
                    "the family {:?} of {}",
                    row.family,
                    row.name
                );
                assert_ne!(name_of(row.name, language), row.name, "{language:?}");
            }
        }
    }

    #[test]
    fn every_name_is_of_a_kind_and_stands_for_one_alone() {
        for (index, (kind, names)) in KINDS.iter().enumerate() {
            assert!(kinds::find(kind).is_some(), "{kind} is no kind");
            for (other, others) in &KINDS[..index] {
                for (name, other_name) in names.iter().zip(others) {
                    assert_ne!(name, other_name, "{kind} and {other}");
                }
            }
        }
        assert_eq!(name_of("<script>", Language::Dutch), "<script>");
    }
}
