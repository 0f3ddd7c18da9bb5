//! Each section of the chapter shows one property that a crawler needs.

pub(crate) mod breadth;
pub(crate) mod hostile;
pub(crate) mod identity;
pub(crate) mod list;
pub(crate) mod names;
pub(crate) mod politeness;
pub(crate) mod resume;
pub(crate) mod robots;
pub(crate) mod site;
pub(crate) mod title;

/// A command line that begins with one of these names runs the chapter, and not the tool.
#[cfg(not(target_family = "wasm"))]
pub(crate) const NAMES: [&str; 10] = [
    "list",
    "identity",
    "breadth",
    "politeness",
    "robots",
    "title",
    "names",
    "site",
    "resume",
    "hostile",
];

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn names_contains_every_section_of_the_chapter() {
        let main: String = include_str!("main.rs").split_whitespace().collect();
        assert_eq!(main.matches("::run").count(), NAMES.len());
        for name in NAMES {
            assert!(main.contains(&format!("(\"{name}\",")), "{name} is not a section");
        }
    }
}
