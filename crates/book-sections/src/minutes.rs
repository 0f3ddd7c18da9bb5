//! How long a chapter takes is computed from its page and its exercises.

use std::{collections::BTreeMap, fmt::Write};

use mdbook_preprocessor::book::Book;

use crate::{chapter::Chapter, workspace::Workspace};

/// How many words a minute a reader reads: arbitrary, and slow, because the text is technical and the
/// reader's first language may not be English.
const WORDS: usize = 150;
/// How many minutes a reader spends with the programs and the output of one section: arbitrary.
const SECTION: usize = 2;

/// A row for each chapter that has a page, and their sum, as Markdown.
pub(crate) fn table(workspace: &Workspace, book: &Book) -> String {
    let pages: BTreeMap<_, _> = book
        .chapters()
        .filter_map(|page| {
            Some((page.source_path.as_ref()?.to_str()?, page.content.as_str()))
        })
        .collect();
    let mut text = "| chapter | reading | exercises |\n|---|---:|---:|\n".to_owned();
    let (mut all_reading, mut all_exercises) = (0, 0);
    for Chapter { page, .. } in &workspace.chapters {
        let Some(content) = pages.get(page.as_str()) else { continue };
        let exercises = workspace.exercises.iter().filter(|it| it.is_of(page));
        let exercises: u32 = exercises.map(|it| it.minutes).sum();
        let reading = reading(content);
        let (title, question) = (title(content), question(content));
        let _ = writeln!(
            text,
            "| [{title}]({page}): {question} | {reading} min | {exercises} min |"
        );
        all_reading += reading;
        all_exercises += exercises;
    }
    let (reading, exercises) = (all_reading.div_ceil(60), all_exercises.div_ceil(60));
    let _ = writeln!(text, "| all | {reading} h | {exercises} h |");
    text
}

/// The minutes for a page, rounded up to five.
fn reading(page: &str) -> usize {
    let sections = page.lines().filter(|line| line.starts_with("{{#section")).count();
    let words: usize = prose(page).map(|line| line.split_whitespace().count()).sum();
    (words.div_ceil(WORDS) + SECTION * sections).next_multiple_of(5)
}

/// What begins or ends a part of a page that is not prose.
const MARKS: [&str; 3] = ["```", "<!-- computed", "<!-- end"];

/// The lines of a page that are read as text: no code, no directive, no table of exercises.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut is_left_out = false;
    page.lines().filter(move |line| {
        let is_mark = MARKS.iter().any(|mark| line.starts_with(mark));
        is_left_out ^= is_mark;
        !is_left_out && !is_mark && !line.starts_with("{{#")
    })
}

fn title(page: &str) -> &str {
    page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default()
}

/// The question that a page answers: its first paragraph, in bold.
fn question(page: &str) -> String {
    let paragraph = page.split("\n\n").find(|it| it.starts_with("**"));
    paragraph.unwrap_or_default().replace("**", "").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_the_table_of_exercises_are_no_prose() {
        let page = "# Queues\n\none two\n```console\ncode\n```\n{{#section a}}\nthree\n\
                    <!-- computed: x -->\n| a |\n<!-- end -->\nfour";
        assert_eq!(
            prose(page).collect::<Vec<_>>(),
            ["# Queues", "", "one two", "three", "four"]
        );
    }

    #[test]
    fn words_and_sections_take_minutes_rounded_up_to_five() {
        let words = "word ".repeat(WORDS);
        assert_eq!(reading(&words), 5);
        assert_eq!(
            reading(&format!("{words}\n{{{{#section a}}}}\n{{{{#section b}}}}\n")),
            5
        );
        assert_eq!(
            reading(&format!("{words} word\n{{{{#section a}}}}\n{{{{#section b}}}}\n")),
            10
        );
    }

    #[test]
    fn the_question_of_a_page_is_its_first_paragraph_in_bold() {
        assert_eq!(question("# Queues\n\n**How\nlong?**\n\nText **bold**."), "How long?");
        assert_eq!(title("# Queues\n"), "Queues");
    }
}
