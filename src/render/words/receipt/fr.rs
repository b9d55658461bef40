//! The receipt in French.

use super::ReceiptWords;
use crate::render::language::Plural;

pub(in crate::render) const FR: ReceiptWords = ReceiptWords {
    title: "Attestation d’effacement dans Azure Machine Learning",
    caution: Plural {
        one: "Tout n’a pas été effacé : {n} élément du plan existe encore. Son état est indiqué ci-dessous.",
        many: "Tout n’a pas été effacé : {n} éléments du plan existent encore. Leur état est indiqué ci-dessous.",
    },
    about: "Objet du document",
    about_text: [
        "Ce document indique ce qu’un plan a effacé dans un espace de travail d’Azure Machine Learning, ce qui subsiste et à quel endroit, et à qui s’adresser. Il est établi à partir du fichier receipt.json qui l’accompagne.",
        "Il ne désigne ni personnes ni éléments : ceux-ci figurent dans receipt.json sous forme d’empreintes calculées avec une clé, sans laquelle nul ne peut les rattacher à une personne.",
        "Les heures sont exprimées en temps universel coordonné (UTC).",
    ],
    asked: "La demande et son exécution",
    case: "Dossier",
    not_stated: "non indiqué",
    responsible: "Responsable",
    about_whom: "Personne concernée",
    one_person: Plural {
        one: "une personne, recherchée par {n} identifiant",
        many: "une personne, recherchée par {n} identifiants",
    },
    no_person: "le plan ne vise pas une personne en particulier",
    began: "Début",
    ended: "Fin",
    approvals: "Approbations",
    approvals_text: "données : {given} ; exigées par le plan : {wanted}",
    export: "Exportation préalable",
    export_bag: "faite et vérifiée ; empreinte SHA-256 de son manifeste :",
    export_without: "aucune : le plan indique qu’il n’en était pas souhaité",
    plan: "Empreinte du plan (SHA-256)",
    outcome: "Ce qui a été fait",
    nothing: "Le plan ne comportait aucun élément à effacer.",
    items: Plural {
        one: "{n} élément",
        many: "{n} éléments",
    },
    outcome_caption: "Éléments du plan, par catégorie et par état",
    state: "État",
    items_head: "Éléments",
    left_title: "Éléments sans appel propre",
    left_text: "Le plan en a décidé autrement, ou personne ne les a demandés. Les motifs figurent dans le plan.",
    left_caption: "Éléments sans appel propre, par catégorie et par décision",
    decision: "Décision",
    in_detail: "Chaque élément figure dans receipt.json avec son état, l’heure et les identifiants de requête attribués par le service.",
    states_title: "Signification des états",
    states_text: "Voici les états qui apparaissent ci-dessus.",
    states: [
        (
            "effacé",
            "L’enregistrement n’existe plus, et tous les emplacements connus de son contenu ont été examinés et sont vides.",
        ),
        (
            "déjà absent",
            "L’élément n’existait plus lorsque son tour est venu ; rien n’a été envoyé.",
        ),
        (
            "enregistrement effacé, contenu subsistant",
            "L’enregistrement n’existe plus. Du contenu qui s’y rattache se trouve encore à un emplacement de stockage, indiqué dans la rubrique de ce qui subsiste.",
        ),
        (
            "enregistrement effacé, emplacements non examinés",
            "L’enregistrement n’existe plus. Il n’a pas été vérifié si du contenu qui s’y rattache se trouve encore dans le stockage ; les emplacements sont indiqués dans la rubrique de ce qui subsiste.",
        ),
        (
            "en suppression réversible",
            "L’élément est masqué et peut encore être récupéré jusqu’à la date indiquée dans la rubrique de ce qui subsiste. Jusque-là, il n’est pas effacé.",
        ),
        (
            "désactivé, non effacé",
            "Aucun appel ne permet de l’effacer. Il a été désactivé et existe encore.",
        ),
        (
            "archivé, non effacé",
            "Il n’apparaît plus dans les listes et existe encore.",
        ),
        (
            "modifié, conservé",
            "L’élément n’était plus tel que le plan l’avait vu ; il a été laissé en l’état.",
        ),
        (
            "conservé",
            "Aucune tentative n’a eu lieu, car un élément qui en dépend existe encore.",
        ),
        (
            "non confirmé",
            "Le service a annoncé l’effacement, mais l’élément existe encore ou son nom reste réservé.",
        ),
        ("échec", "Le service a refusé, ou n’a pas abouti."),
        (
            "impossible",
            "Aucun appel d’aucune interface ne permet de l’effacer.",
        ),
        (
            "non tenté",
            "Les travaux ont pris fin avant que son tour ne vienne. L’exécution du même plan peut être reprise.",
        ),
    ],
    decisions: [
        "effacé par une étape",
        "désactivé par une étape",
        "disparaît avec l’élément dont il dépend",
        "conservé",
        "ne peut être effacé par aucune interface",
        "n’existait plus lors de l’établissement du plan",
    ],
    not_asked: "non demandé",
    remains_title: "Ce qui subsiste, et à qui s’adresser",
    remains_text: "Rien de ce qui est fait dans un espace de travail n’atteint les ressources qui l’entourent. Celles dont l’emplacement est indiqué sont connues ; les autres existent ou non, et seuls leurs propriétaires peuvent le dire.",
    until: "Jusqu’à quand",
    ask: "À qui s’adresser",
    remains: [
        (
            "Éléments du plan qui existent encore",
            "jusqu’à leur effacement par un autre plan",
            "À la personne qui utilise l’outil : le plan et le journal désignent chacun d’eux et le motif.",
        ),
        (
            "Éléments demandés, mais sans appel",
            "jusqu’à leur effacement par un autre plan ou par une autre voie",
            "À la personne qui utilise l’outil : le plan désigne chacun d’eux et le motif.",
        ),
        (
            "Éléments en suppression réversible",
            "",
            "À un administrateur de l’espace de travail, pour une suppression définitive.",
        ),
        (
            "Contenu dans le stockage",
            "jusqu’à son effacement par le propriétaire",
            "Au propriétaire du compte de stockage.",
        ),
        (
            "Compte de stockage de l’espace de travail",
            "jusqu’à son effacement par le propriétaire",
            "Au propriétaire du compte de stockage : résultats, journaux et fichiers téléversés dans les conteneurs, notebooks et dossiers d’utilisateurs (Users/<nom>) sur les partages de fichiers.",
        ),
        (
            "Stockage derrière les magasins de données",
            "jusqu’à son effacement par le propriétaire",
            "Au propriétaire de ce compte ou de cette base de données.",
        ),
        (
            "Key Vault",
            "jusqu’à son effacement par le propriétaire",
            "Au propriétaire du coffre de clés.",
        ),
        (
            "Registre de conteneurs",
            "jusqu’à son effacement par le propriétaire",
            "Au propriétaire du registre de conteneurs : images construites à partir de code.",
        ),
        (
            "Application Insights",
            "selon sa durée de conservation",
            "Au propriétaire de la ressource, pour une purge.",
        ),
        (
            "Log Analytics",
            "selon sa durée de conservation",
            "Au propriétaire de l’espace de travail Log Analytics associé à Application Insights et aux paramètres de diagnostic, pour une purge.",
        ),
        (
            "Groupe de ressources géré par le service",
            "jusqu’à la suppression définitive de l’espace de travail",
            "À un administrateur de l’espace de travail.",
        ),
        (
            "Registres Azure Machine Learning",
            "jusqu’à leur effacement par les propriétaires",
            "Aux propriétaires des registres avec lesquels des modèles et des composants ont été partagés.",
        ),
        (
            "Suppression réversible dans d’autres services",
            "selon leur durée de conservation",
            "Aux propriétaires du compte de stockage, du coffre de clés, du registre de conteneurs et des journaux : chacun peut conserver ce qui a été supprimé jusqu’à sa purge.",
        ),
        (
            "Sauvegardes",
            "selon leur durée de conservation",
            "À la personne qui conserve les sauvegardes. Après une restauration, ce qui avait été effacé se retrouve au moyen de replay.json et de la clé.",
        ),
        (
            "Télémétrie conservée par Microsoft",
            "selon la durée de conservation fixée par Microsoft",
            "À un administrateur du locataire (tenant), par le portail de confidentialité Azure : dans le portail Azure, ouvrir Stratégie, puis Confidentialité des utilisateurs.",
        ),
        (
            "Exportation faite avant l’effacement",
            "jusqu’à son effacement par le propriétaire",
            "À la personne qui conserve l’exportation.",
        ),
        (
            "Plan et journal de cet effacement",
            "jusqu’à leur effacement par le propriétaire",
            "À la personne qui l’a exécuté : tous deux désignent des éléments et des personnes en clair et ne doivent pas être communiqués.",
        ),
    ],
    notify_title: "Destinataires à informer",
    notify_text: "L’article 19 du règlement général sur la protection des données (RGPD) demande au responsable du traitement de notifier l’effacement à chaque destinataire, à moins qu’une telle communication ne se révèle impossible ou n’exige des efforts disproportionnés. Le plan et les documents de l’espace de travail font apparaître les destinataires suivants.",
    whom: [
        (
            "Registre",
            "Des éléments de l’espace de travail sont partagés avec ce registre, ou en proviennent.",
        ),
        (
            "Utilisateurs de points de terminaison et de services",
            "Quiconque les a appelés peut avoir conservé les réponses reçues.",
        ),
        (
            "Espace de travail lié",
            "Il peut utiliser le même stockage et les mêmes éléments.",
        ),
        (
            "Stockage derrière un magasin de données",
            "Des données ont pu y être lues et y être écrites.",
        ),
        (
            "Connexions",
            "Elles mènent à des services extérieurs à l’espace de travail.",
        ),
        (
            "Destinataires de l’exportation",
            "Quiconque a reçu l’exportation faite avant l’effacement.",
        ),
        (
            "Autres",
            "Destinataires que seul le responsable du traitement connaît : téléchargements, sauvegardes, dépôts de code, rapports, sous-traitants.",
        ),
    ],
    check: "Comment vérifier cette attestation",
    check_text: "Chacune de ces commandes s’exécute dans le dossier de l’attestation ; aucune n’a besoin d’un réseau.",
    check_tool: "Avec cet outil, qui vérifie aussi le plan, le journal et le présent document :",
    check_openssl: "Avec OpenSSL 3, pour savoir si la signature correspond à la clé publique jointe :",
    check_key: "L’empreinte de cette clé publique, à comparer avec celle qui figure ci-dessous :",
    signed: "L’attestation est signée (Ed25519). La signature montre que rien n’a été modifié depuis. Elle ne montre de qui elle émane que si l’empreinte de la clé publique est connue par ailleurs.",
    unsigned: "L’attestation n’est pas signée. Son empreinte ne révèle que les altérations accidentelles : quiconque la modifie à dessein peut en calculer une nouvelle.",
    fingerprint: "Empreinte de la clé publique (SHA-256)",
    journal: "Journal",
    journal_text: "lignes : {lines} ; empreinte de la dernière :",
    hashes_title: "Comment les empreintes ont été calculées",
    hashes_text: "Chaque empreinte est un HMAC-SHA-256 calculé avec une clé de 32 octets. La clé se trouve dans un fichier distinct et ne fait pas partie de l’attestation. Quiconque la détient peut prouver qu’un élément ou une personne y figure ; sans elle, nul ne peut rattacher l’attestation à une personne. Sa destruction rend cet état définitif.",
};
