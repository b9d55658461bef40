//! The receipt in Dutch.

use super::ReceiptWords;
use crate::render::language::Plural;

pub(in crate::render) const NL: ReceiptWords = ReceiptWords {
    title: "Bewijs van wissing in Azure Machine Learning",
    caution: Plural {
        one: "Niet alles is gewist: {n} item van het plan bestaat nog. Hieronder staat in welke toestand.",
        many: "Niet alles is gewist: {n} items van het plan bestaan nog. Hieronder staat in welke toestand.",
    },
    about: "Wat dit is",
    about_text: [
        "Deze pagina vertelt wat een plan heeft gewist in één werkruimte van Azure Machine Learning, wat er overblijft en waar, en wie daarvoor aan te spreken is. Zij is gemaakt uit het bestand receipt.json dat ernaast staat.",
        "Zij noemt geen personen en geen items: die staan in receipt.json als hashes die met een sleutel zijn gemaakt, en zonder die sleutel kan niemand ze met een persoon in verband brengen.",
        "Tijden zijn in gecoördineerde wereldtijd (UTC).",
    ],
    asked: "Wat er is gevraagd en wanneer het is uitgevoerd",
    case: "Dossier",
    not_stated: "niet vermeld",
    responsible: "Verantwoordelijk",
    about_whom: "Betrokkene",
    one_person: Plural {
        one: "één persoon, gezocht met {n} identificator",
        many: "één persoon, gezocht met {n} identificatoren",
    },
    no_person: "het plan is niet voor één persoon gemaakt",
    began: "Begonnen",
    ended: "Geëindigd",
    approvals: "Goedkeuringen",
    approvals_text: "{given} gegeven, {wanted} vereist volgens het plan",
    export: "Export vóór de wissing",
    export_bag: "gemaakt en geverifieerd; SHA-256 van het manifest:",
    export_without: "geen: volgens het plan was die niet gewenst",
    plan: "Hash van het plan (SHA-256)",
    outcome: "Wat er is gedaan",
    nothing: "Het plan bevatte geen item om te wissen.",
    items: Plural {
        one: "{n} item",
        many: "{n} items",
    },
    outcome_caption: "Items van het plan, naar soort en toestand",
    state: "Toestand",
    items_head: "Items",
    left_title: "Items zonder eigen aanroep",
    left_text: "Het plan heeft hierover anders beslist, of niemand heeft erom gevraagd. De redenen staan in het plan.",
    left_caption: "Items zonder eigen aanroep, naar soort en beslissing",
    decision: "Beslissing",
    in_detail: "Elk item staat in receipt.json met zijn toestand, het tijdstip en de namen die de dienst zelf aan de verzoeken gaf.",
    states_title: "Wat de toestanden betekenen",
    states_text: "Dit zijn de toestanden die hierboven voorkomen.",
    states: [
        (
            "gewist",
            "De registratie is weg, en elke bekende plaats van de bijbehorende inhoud is bekeken en leeg.",
        ),
        (
            "al weg",
            "Het item bestond niet meer toen het aan de beurt was; er is niets verzonden.",
        ),
        (
            "registratie weg, inhoud blijft",
            "De registratie is weg. Inhoud die erbij hoort staat nog op een opslagplaats, genoemd bij wat er overblijft.",
        ),
        (
            "registratie weg, plaatsen niet bekeken",
            "De registratie is weg. Niemand heeft bekeken of inhoud die erbij hoort nog in de opslag staat; de plaatsen zijn genoemd bij wat er overblijft.",
        ),
        (
            "voorlopig verwijderd",
            "Het item is verborgen en kan nog worden hersteld tot de datum die bij wat er overblijft is genoemd. Tot dan is het niet gewist.",
        ),
        (
            "uitgeschakeld, niet gewist",
            "Geen enkele aanroep wist het. Het is uitgeschakeld en bestaat nog.",
        ),
        (
            "gearchiveerd, niet gewist",
            "Het is uit de lijsten verdwenen en bestaat nog.",
        ),
        (
            "gewijzigd, behouden",
            "Het was niet meer wat het plan had gezien, en is daarom met rust gelaten.",
        ),
        (
            "behouden",
            "Er is geen poging gedaan, omdat iets wat ervan afhangt nog bestaat.",
        ),
        (
            "niet bevestigd",
            "Volgens de dienst is het gedaan, maar het item bestaat nog, of de naam is nog gereserveerd.",
        ),
        (
            "mislukt",
            "De dienst heeft geweigerd, of is niet klaar geworden.",
        ),
        (
            "niet mogelijk",
            "Geen enkele aanroep van welke interface dan ook wist het.",
        ),
        (
            "niet geprobeerd",
            "Het werk eindigde voordat het item aan de beurt was. Hetzelfde plan kan worden voortgezet.",
        ),
    ],
    decisions: [
        "gewist door een stap",
        "uitgeschakeld door een stap",
        "verdwijnt met datgene waarvan het afhangt",
        "blijft",
        "kan door geen enkele interface worden gewist",
        "was al weg toen het plan werd gemaakt",
    ],
    not_asked: "niet gevraagd",
    remains_title: "Wat er overblijft, en wie aan te spreken is",
    remains_text: "Niets wat in een werkruimte wordt gedaan, bereikt de resources eromheen. Die met een plaats zijn bekend; de andere bestaan of niet, en alleen hun eigenaars kunnen dat zeggen.",
    until: "Tot wanneer",
    ask: "Wie aan te spreken",
    remains: [
        (
            "Items van het plan die nog bestaan",
            "tot een ander plan ze wist",
            "Wie dit hulpmiddel gebruikt: het plan en het journaal noemen elk ervan en de reden.",
        ),
        (
            "Gevraagde items zonder aanroep",
            "tot een ander plan, of een andere weg, ze wist",
            "Wie dit hulpmiddel gebruikt: het plan noemt elk ervan en de reden.",
        ),
        (
            "Voorlopig verwijderde items",
            "",
            "Een beheerder van de werkruimte, voor een definitieve verwijdering.",
        ),
        (
            "Inhoud in de opslag",
            "tot de eigenaar die wist",
            "De eigenaar van het opslagaccount.",
        ),
        (
            "Het opslagaccount van de werkruimte",
            "tot de eigenaar het wist",
            "De eigenaar van het opslagaccount: uitvoer, logboeken en geüploade bestanden in de containers, notebooks en mappen van gebruikers (Users/<naam>) op de bestandsshares.",
        ),
        (
            "Opslag achter gegevensarchieven",
            "tot de eigenaar die wist",
            "De eigenaar van dit account of deze database.",
        ),
        (
            "Key Vault",
            "tot de eigenaar die wist",
            "De eigenaar van de sleutelkluis.",
        ),
        (
            "Containerregister",
            "tot de eigenaar het wist",
            "De eigenaar van het containerregister: images die uit code zijn gebouwd.",
        ),
        (
            "Application Insights",
            "volgens de bewaartermijn",
            "De eigenaar van de resource, voor een opschoning (purge).",
        ),
        (
            "Log Analytics",
            "volgens de bewaartermijn",
            "De eigenaar van de Log Analytics-werkruimte achter Application Insights en de diagnostische instellingen, voor een opschoning (purge).",
        ),
        (
            "Resourcegroep die de dienst beheert",
            "tot de werkruimte definitief is verwijderd",
            "Een beheerder van de werkruimte.",
        ),
        (
            "Registers van Azure Machine Learning",
            "tot de eigenaars ze wissen",
            "De eigenaars van registers waarmee modellen en onderdelen zijn gedeeld.",
        ),
        (
            "Voorlopige verwijdering in andere diensten",
            "volgens hun bewaartermijn",
            "De eigenaars van het opslagaccount, de sleutelkluis, het containerregister en de logboeken: elk daarvan kan bewaren wat is verwijderd tot het wordt opgeschoond.",
        ),
        (
            "Back-ups",
            "volgens hun bewaartermijn",
            "Wie back-ups bewaart. Na een herstel wordt wat was gewist teruggevonden met replay.json en de sleutel.",
        ),
        (
            "Telemetrie die Microsoft bewaart",
            "volgens de bewaartermijn van Microsoft",
            "Een beheerder van de tenant, via de Azure-privacyportal: open in de Azure-portal Beleid en daarna Privacy van gebruikers.",
        ),
        (
            "De export van vóór de wissing",
            "tot de eigenaar die wist",
            "Wie de export bewaart.",
        ),
        (
            "Het plan en het journaal van deze wissing",
            "tot de eigenaar ze wist",
            "Wie haar heeft uitgevoerd: beide noemen items en personen onversleuteld en mogen niet worden overhandigd.",
        ),
    ],
    notify_title: "Wie in kennis te stellen is",
    notify_text: "Artikel 19 van de Algemene verordening gegevensbescherming (AVG) vraagt de verwerkingsverantwoordelijke iedere ontvanger van een wissing in kennis te stellen, tenzij dit onmogelijk blijkt of onevenredig veel inspanning vergt. Het plan en de documenten van de werkruimte laten deze zien.",
    whom: [
        (
            "Register",
            "Items van de werkruimte worden met dit register gedeeld, of komen ervandaan.",
        ),
        (
            "Gebruikers van eindpunten en diensten",
            "Wie ze heeft aangeroepen, kan de antwoorden hebben bewaard.",
        ),
        (
            "Gekoppelde werkruimte",
            "Zij kan dezelfde opslag en dezelfde items gebruiken.",
        ),
        (
            "Opslag achter een gegevensarchief",
            "Er kunnen gegevens uit gelezen en naartoe geschreven zijn.",
        ),
        (
            "Verbindingen",
            "Zij leiden naar diensten buiten de werkruimte.",
        ),
        (
            "Ontvangers van de export",
            "Wie de export heeft ontvangen die vóór de wissing is gemaakt.",
        ),
        (
            "Anderen",
            "Ontvangers die alleen de verwerkingsverantwoordelijke kent: downloads, back-ups, coderepository’s, rapporten, verwerkers.",
        ),
    ],
    check: "Hoe dit bewijs te controleren is",
    check_text: "Elk van deze opdrachten wordt uitgevoerd in de map van het bewijs; geen ervan heeft een netwerk nodig.",
    check_tool: "Met dit hulpmiddel, dat ook het plan, het journaal en deze pagina controleert:",
    check_openssl: "Met OpenSSL 3, of de handtekening van de bijgevoegde openbare sleutel is:",
    check_key: "De vingerafdruk van die openbare sleutel, om te vergelijken met die hieronder:",
    signed: "Het bewijs is ondertekend (Ed25519). De handtekening laat zien dat er sindsdien niets is gewijzigd. Van wie zij is, blijkt alleen als de vingerafdruk van de openbare sleutel van elders bekend is.",
    unsigned: "Het bewijs is niet ondertekend. De hash laat alleen ongelukken zien: wie het met opzet wijzigt, kan een nieuwe hash maken.",
    fingerprint: "Vingerafdruk van de openbare sleutel (SHA-256)",
    journal: "Journaal",
    journal_text: "{lines} regels, de laatste met de hash",
    hashes_title: "Hoe de hashes zijn gemaakt",
    hashes_text: "Elke hash is een HMAC-SHA-256 met een sleutel van 32 bytes. De sleutel staat in een eigen bestand en maakt geen deel uit van dit bewijs. Wie hem heeft, kan aantonen dat een bepaald item of een bepaalde persoon in het bewijs staat; zonder de sleutel kan niemand het bewijs met een persoon in verband brengen. Wie hem vernietigt, maakt dat definitief.",
};
