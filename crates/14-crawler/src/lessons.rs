//! Each lesson shows one thing that a crawler has to get right.

pub(crate) mod breadth;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod hostile;
pub(crate) mod identity;
pub(crate) mod list;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod names;
pub(crate) mod politeness;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod resume;
pub(crate) mod robots;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod site;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod title;

/// What asks for the chapter, and not for the tool, when it stands on the command line.
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
    fn every_lesson_of_the_chapter_is_asked_for_by_its_name() {
        let main = include_str!("main.rs");
        assert_eq!(main.matches("::run").count(), NAMES.len());
        for name in NAMES {
            assert!(main.contains(&format!("(\"{name}\", ")), "{name} is no lesson");
        }
    }
}
