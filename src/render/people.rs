//! Who appears in the records, and as what. Counting is bounded: past a limit it is said that there are more.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::bag::{Item, ItemMatch, ItemPerson};

/// As what a person stands in a field. The order is that of the names in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Capacity {
    Creator,
    Changed,
    Owner,
    Assigned,
    User,
    Mentioned,
}

impl Capacity {
    pub(super) const ALL: [Self; 6] = [
        Self::Creator,
        Self::Changed,
        Self::Owner,
        Self::Assigned,
        Self::User,
        Self::Mentioned,
    ];

    /// What a field says by its name, such as `properties/createdBy/userName` or `/systemData/lastModifiedBy`.
    pub(super) fn of_field(path: &str) -> Self {
        let words = [
            ("createdby", Self::Creator),
            ("creator", Self::Creator),
            ("modifiedby", Self::Changed),
            ("updatedby", Self::Changed),
            ("changedby", Self::Changed),
            ("owner", Self::Owner),
            ("assigneduser", Self::Assigned),
            ("assignedto", Self::Assigned),
        ];
        let steps: Vec<String> = path.split('/').map(str::to_ascii_lowercase).collect();
        for step in &steps {
            if let Some((_, capacity)) = words.iter().find(|(word, _)| step.contains(word)) {
                return *capacity;
            }
        }
        // The user record of a run stands at its top.
        if steps.iter().any(|step| step == "userid" || step == "user") {
            Self::User
        } else {
            Self::Mentioned
        }
    }

    /// The same for a match: what stands in free text, a path or a file is a mention, whatever the field is called.
    fn of_match(pointer: &str, place: &str) -> Self {
        let place = place.to_ascii_lowercase();
        let loose = ["text", "file", "content", "path", "tag", "key", "name"];
        if loose.iter().any(|word| place.contains(word)) {
            Self::Mentioned
        } else {
            Self::of_field(pointer)
        }
    }
}

/// How many different values there are, without keeping them.
#[derive(Debug, Default)]
pub(super) struct Different {
    seen: HashSet<u64>,
    more: bool,
}

/// What is counted exactly. Beyond, memory would grow with the bag.
pub(super) const COUNTED: usize = 50_000;

impl Different {
    pub(super) fn add(&mut self, value: &str) {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        let hash = hasher.finish();
        if self.seen.len() < COUNTED {
            self.seen.insert(hash);
        } else if !self.seen.contains(&hash) {
            self.more = true;
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Whether there are more than were counted.
    pub(super) fn is_more(&self) -> bool {
        self.more
    }
}

/// People in one capacity.
#[derive(Debug, Default)]
pub(super) struct InCapacity {
    pub(super) records: u64,
    pub(super) by_id: Different,
    pub(super) by_name: Different,
    /// Records of the person whose bag it is.
    pub(super) exact: u64,
    pub(super) candidates: u64,
}

/// One form of identifier, over all fields.
#[derive(Debug, Default)]
pub(super) struct OfForm {
    pub(super) mentions: u64,
    pub(super) different: Different,
}

/// Everyone in the inventory.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) capacities: BTreeMap<Capacity, InCapacity>,
    pub(super) forms: BTreeMap<String, OfForm>,
    pub(super) by_id: Different,
    pub(super) by_name: Different,
    pub(super) exact: u64,
    pub(super) candidates: u64,
    /// Records that name nobody themselves, and belong to one that does.
    pub(super) related: u64,
}

/// Forms come from the catalogue; a bag that names a hundred others is not one of ours.
const FORMS: usize = 64;

impl People {
    pub(super) fn add(&mut self, item: &Item) {
        for person in &item.people {
            if self.forms.len() < FORMS || self.forms.contains_key(&person.role) {
                let form = self.forms.entry(person.role.clone()).or_default();
                form.mentions += 1;
                form.different.add(&fold(&person.value));
            }
        }
        for (capacity, people) in by_capacity(&item.people) {
            let held = self.capacities.entry(capacity).or_default();
            held.records += 1;
            let ids: Vec<_> = people
                .iter()
                .filter(|one| one.role == "object-id")
                .collect();
            for id in &ids {
                held.by_id.add(&fold(&id.value));
                self.by_id.add(&fold(&id.value));
            }
            if ids.is_empty() {
                // One of them is enough: the others are the same person's.
                if let Some(name) = people.iter().min_by_key(|one| strength(&one.role)) {
                    held.by_name.add(&fold(&name.value));
                    self.by_name.add(&fold(&name.value));
                }
            }
        }
        match &item.matched {
            Some(matched) => self.add_match(matched),
            None => self.related += 1,
        }
    }

    fn add_match(&mut self, matched: &ItemMatch) {
        let exact = matched.strength == "exact";
        *(if exact {
            &mut self.exact
        } else {
            &mut self.candidates
        }) += 1;
        let mut capacities: Vec<Capacity> = matched
            .fields
            .iter()
            .map(|field| Capacity::of_match(&field.pointer, &field.place))
            .collect();
        capacities.sort();
        capacities.dedup();
        for capacity in capacities {
            let held = self.capacities.entry(capacity).or_default();
            *(if exact {
                &mut held.exact
            } else {
                &mut held.candidates
            }) += 1;
        }
    }
}

/// The people of one record, by what they are there.
pub(super) fn by_capacity(people: &[ItemPerson]) -> BTreeMap<Capacity, Vec<&ItemPerson>> {
    let mut capacities: BTreeMap<Capacity, Vec<&ItemPerson>> = BTreeMap::new();
    for person in people {
        let capacity = Capacity::of_field(&person.field);
        capacities.entry(capacity).or_default().push(person);
    }
    capacities
}

/// Case does not tell two identifiers apart.
fn fold(value: &str) -> String {
    value.trim().to_lowercase()
}

/// The strongest first.
pub(super) fn strength(role: &str) -> usize {
    let order = [
        "object-id",
        "puid",
        "alt-sec-id",
        "upn",
        "mail",
        "upn-or-name",
        "name",
    ];
    order
        .iter()
        .position(|known| *known == role)
        .unwrap_or(order.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(field: &str, role: &str, value: &str) -> ItemPerson {
        ItemPerson {
            field: field.into(),
            role: role.into(),
            value: value.into(),
        }
    }

    fn item(people: Vec<ItemPerson>, matched: &serde_json::Value) -> Item {
        let line =
            serde_json::json!({"kind": "runs", "workspace": "w", "id": "1", "match": matched});
        Item {
            people,
            ..serde_json::from_value(line).expect("a line")
        }
    }

    #[test]
    fn fields_say_as_what() {
        for (field, capacity) in [
            ("createdBy/userName", Capacity::Creator),
            ("Data/LastUpdatedBy/userObjectId", Capacity::Changed),
            ("/systemData/lastModifiedBy", Capacity::Changed),
            (
                "properties/properties/personalComputeInstanceSettings/assignedUser/objectId",
                Capacity::Assigned,
            ),
            ("owner", Capacity::Owner),
            ("userId", Capacity::User),
            ("properties/properties/createdBy/userId", Capacity::Creator),
            ("emails", Capacity::Mentioned),
        ] {
            assert_eq!(Capacity::of_field(field), capacity, "{field}");
        }
    }

    #[test]
    fn a_name_beside_an_object_id_is_the_same_person() {
        let mut people = People::default();
        people.add(&item(
            vec![
                person("createdBy/userObjectId", "object-id", "A"),
                person("createdBy/userName", "name", "Ann"),
            ],
            &serde_json::Value::Null,
        ));
        people.add(&item(
            vec![person("createdBy/userObjectId", "object-id", "a")],
            &serde_json::Value::Null,
        ));
        people.add(&item(
            vec![
                person("owner", "name", "Bob"),
                person("owner", "upn", "bob@contoso.com"),
            ],
            &serde_json::Value::Null,
        ));
        assert_eq!((people.by_id.count(), people.by_name.count()), (1, 1));
        assert_eq!(people.capacities[&Capacity::Creator].records, 2);
        assert_eq!(people.forms["name"].different.count(), 2);
        assert_eq!(people.related, 3);
    }

    #[test]
    fn matches_count_once_for_each_capacity() {
        let mut people = People::default();
        let field = |pointer, place| serde_json::json!({"pointer": pointer, "form": "object-id", "place": place});
        people.add(&item(vec![], &serde_json::json!({"strength": "exact", "fields": [
            field("/createdBy/userObjectId", "identity"), field("/createdBy/userPuId", "identity"), field("/owner", "identity"),
        ]})));
        people.add(&item(vec![], &serde_json::json!({"strength": "candidate", "fields": [field("/tags/owner", "free-text")]})));
        people.add(&item(vec![], &serde_json::json!({"strength": 7})));
        let of = |capacity| {
            people
                .capacities
                .get(&capacity)
                .map(|held| (held.exact, held.candidates))
        };
        assert_eq!(of(Capacity::Creator), Some((1, 0)));
        assert_eq!(of(Capacity::Owner), Some((1, 0)));
        assert_eq!(of(Capacity::Mentioned), Some((0, 1)));
        assert_eq!((people.exact, people.candidates, people.related), (1, 1, 1));
    }

    #[test]
    fn counting_ends_and_says_so() {
        let mut different = Different::default();
        for number in 0..=COUNTED {
            different.add(&number.to_string());
        }
        different.add("0");
        assert_eq!(
            (different.count(), different.is_more()),
            (COUNTED as u64, true)
        );
    }
}
