//! The line `{{#contents}}` becomes a list of links to the sections of its page.

use std::{collections::HashSet, fmt::Write};

/// The line that asks for the list.
pub(crate) const DIRECTIVE: &str = "{{#contents}}";

/// With more sections than this a page needs the list; arbitrary.
const MOST: usize = 8;

/// Whether a page has many sections and no list of them.
pub(crate) fn are_missing(page: &str) -> bool {
    let sections = headings(page).filter(|(level, _)| *level == 2).count();
    sections > MOST && !page.lines().any(|line| line == DIRECTIVE)
}

/// The list, in the order of the page.
pub(crate) fn of(page: &str) -> String {
    let mut list = "<nav class=\"contents\" aria-label=\"On this page\">\n\n".to_owned();
    let mut used = HashSet::new();
    for (level, title) in headings(page) {
        let id = unique(&id(title), &mut used);
        if level == 2 {
            let _ = writeln!(list, "- [{title}](#{id})");
        }
    }
    list + "\n</nav>\n"
}

/// The level and the text of each heading. In a block of code a `#` begins no heading.
fn headings(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    page.lines().filter_map(move |line| {
        is_code ^= line.starts_with("```");
        let marks = line.len() - line.trim_start_matches('#').len();
        let title = line[marks..].strip_prefix(' ').filter(|_| marks > 0 && !is_code)?;
        Some((marks, title.trim()))
    })
}

/// The id that mdBook gives to a heading.
pub(crate) fn id(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_whitespace() || "_-".contains(*c));
    kept.collect::<String>().to_lowercase().replace(char::is_whitespace, "-")
}

/// A second heading with the same text has a number after its id.
fn unique(id: &str, used: &mut HashSet<String>) -> String {
    let numbered = (1..).map(|number| format!("{id}-{number}"));
    let mut ids = std::iter::once(id.to_owned()).chain(numbered);
    ids.find(|id| used.insert(id.clone())).expect("the numbers do not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_the_sections_of_the_page_with_the_ids_of_mdbook() {
        let page = "# Queues\n\n## A `select!` that loses an item\n\n### Detail\n\n## Queues\n\n\
                    ```python\n## no heading\n```\n\n## Ready: 3-way tie\n";
        let expected = "- [A `select!` that loses an item](#a-select-that-loses-an-item)\n\
                        - [Queues](#queues-1)\n\
                        - [Ready: 3-way tie](#ready-3-way-tie)\n";
        let list = of(page);
        assert!(list.contains(&format!(">\n\n{expected}\n</nav>")), "{list}");
    }

    #[test]
    fn a_page_of_nine_sections_needs_the_list() {
        let page =
            |sections| "# Queues\n".to_owned() + &"\n## A section\n".repeat(sections);
        assert!(!are_missing(&page(8)));
        assert!(are_missing(&page(9)));
        assert!(!are_missing(&format!("{}\n{DIRECTIVE}\n", page(9))));
    }
}
