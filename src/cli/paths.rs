//! Paths that the mask changed, and which path each stands for.

use std::collections::HashMap;

use super::closure::{Key, key};

/// Masked paths, each with the path that it stands for.
#[derive(Default)]
pub(super) struct Paths {
    taken: HashMap<Key, Key>,
    /// Those that no page that was kept speaks of yet.
    fresh: HashMap<Key, Key>,
}

impl Paths {
    /// With what an earlier run gave away: a file that is there already keeps its name.
    pub(super) fn of(names: &[(String, String)]) -> Self {
        Self {
            taken: names.iter().filter_map(number).collect(),
            fresh: HashMap::new(),
        }
    }

    /// Two paths that the mask made one are told apart again: no file may stand for another.
    pub(super) fn apart(&mut self, folder: &str, path: &str, masked: String) -> String {
        let mine = key(folder, "path", path);
        for number in 1.. {
            let name = if number == 1 {
                masked.clone()
            } else {
                format!("{masked}-{number}")
            };
            if self.take(key(folder, "masked", &name), mine) {
                return name;
            }
        }
        masked
    }

    /// The names that were given away since the last page that was kept, and who holds them.
    pub(super) fn fresh(&self) -> Vec<(String, String)> {
        let text = |number: &Key| format!("{number:032x}");
        let fresh = self.fresh.iter();
        fresh.map(|(one, two)| (text(one), text(two))).collect()
    }

    /// Those are kept now.
    pub(super) fn kept(&mut self, names: &[(String, String)]) {
        for (name, _) in names.iter().filter_map(number) {
            self.fresh.remove(&name);
        }
    }

    /// Whether a name is one's own, or was free and is so from now on.
    fn take(&mut self, name: Key, holder: Key) -> bool {
        if let Some(known) = self.taken.get(&name) {
            return *known == holder;
        }
        self.taken.insert(name, holder);
        self.fresh.insert(name, holder);
        true
    }
}

/// As the state holds them.
fn number((name, holder): &(String, String)) -> Option<(Key, Key)> {
    let number = |text: &str| Key::from_str_radix(text, 16).ok();
    Some((number(name)?, number(holder)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_goes_on_gives_the_same_names() {
        let mut first = Paths::default();
        let give =
            |paths: &mut Paths, path: &str| paths.apart("f", path, "person-1.txt".to_owned());
        assert_eq!(give(&mut first, "ada.txt"), "person-1.txt");
        assert_eq!(give(&mut first, "Ada.txt"), "person-1.txt-2");
        assert_eq!(give(&mut first, "ada.txt"), "person-1.txt");
        let kept = first.fresh();
        assert_eq!(kept.len(), 2);
        first.kept(&kept);
        assert_eq!(first.fresh(), []);
        // Whoever comes first now, a name stays with its holder.
        let mut second = Paths::of(&kept);
        assert_eq!(give(&mut second, "ADA.txt"), "person-1.txt-3");
        assert_eq!(give(&mut second, "Ada.txt"), "person-1.txt-2");
        assert_eq!(give(&mut second, "ada.txt"), "person-1.txt");
        assert_eq!(second.fresh().len(), 1);
    }
}
