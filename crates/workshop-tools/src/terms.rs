//! An exercise needs only terms that a page up to its chapter, or an earlier exercise, has taught.

use std::collections::HashMap;

use anyhow::{Context, Result};

use crate::pack::Exercise;

/// Every term of the book, with the number of the first chapter that teaches it.
pub(crate) struct Terms(HashMap<String, String>);

impl Terms {
    /// The terms in the table of the page `words.md`: the link in a row leads to the page that teaches
    /// the term.
    pub(crate) fn of_the_book(words: &str) -> Result<Self> {
        let rows =
            words.lines().filter(|line| line.starts_with("| ") && line.contains(".md#"));
        let terms = rows.map(|row| {
            let term = row.split('|').nth(1).context("a row has a term")?.trim();
            let (before, _) = row.rsplit_once(".md#").context("a row has a link")?;
            let page = before.rsplit('(').next().context("a link has a page")?;
            let number = page.split('-').next().unwrap_or_default();
            // A page without a number, the introduction, is before every chapter.
            let is_chapter = number.parse::<u32>().is_ok();
            let number = if is_chapter { number } else { "" };
            Ok((term.to_owned(), number.to_owned()))
        });
        Ok(Self(terms.collect::<Result<_>>()?))
    }

    /// Which terms of an exercise are unknown, or taught too late. Call it in the order of the
    /// exercises: from then on the terms that this one teaches are known.
    pub(crate) fn problems(&mut self, exercise: &Exercise) -> Vec<String> {
        let chapter = exercise.number();
        let mut problems = Vec::new();
        if exercise.needs.is_empty() && exercise.teaches.is_empty() {
            problems.push("it neither needs nor teaches a term of the book".to_owned());
        }
        for term in &exercise.needs {
            if self.0.get(term).is_some_and(|first| first.as_str() > chapter) {
                problems
                    .push(format!("it needs {term:?}, which a later chapter teaches"));
            }
        }
        for term in exercise.needs.iter().chain(&exercise.teaches) {
            if !self.0.contains_key(term) {
                problems.push(format!("the book has no term {term:?}"));
            }
        }
        for term in &exercise.teaches {
            if let Some(first) = self.0.get_mut(term)
                && first.as_str() > chapter
            {
                chapter.clone_into(first);
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::example;

    const WORDS: &str = "| term | meaning | asyncio | section |\n|---|---|---|---|\n\
        | lane | A row. | none | [the introduction](index.md#lanes) |\n\
        | future | A value. | none | [coroutines: lazy](01-coroutines.md#lazy) |\n\
        | bounded | It is limited. | none | [queues: bounded](05-queues.md#bounded) |\n\
        | permit | A right. | none | [sync-primitives: semaphore](06-sync-primitives.md#it) |\n";

    fn problems(exercises: &[&str]) -> Vec<String> {
        let mut terms = Terms::of_the_book(WORDS).unwrap();
        exercises.iter().flat_map(|keys| terms.problems(&example(keys))).collect()
    }

    const NEEDS_PERMIT: &str = "dir = \"05_queues\"\nneeds = [\"future\", \"permit\"]";

    #[test]
    fn a_term_of_an_earlier_page_or_of_the_own_page_is_known() {
        assert_eq!(problems(&["needs = [\"future\", \"bounded\", \"lane\"]"]), [""; 0]);
    }

    #[test]
    fn a_term_that_a_later_chapter_teaches_is_reported() {
        let late = "it needs \"permit\", which a later chapter teaches";
        assert_eq!(problems(&[NEEDS_PERMIT]), [late]);
        // An exercise does not teach what it needs itself.
        let both = "needs = [\"permit\"]\nteaches = [\"permit\"]";
        assert_eq!(problems(&[both]), [late]);
    }

    #[test]
    fn an_exercise_teaches_those_after_it() {
        let teaches = "dir = \"02_tasks\"\nteaches = [\"permit\"]";
        assert_eq!(problems(&[teaches, NEEDS_PERMIT]), [""; 0]);
        assert_eq!(problems(&[NEEDS_PERMIT, teaches]).len(), 1);
    }

    #[test]
    fn a_capstone_comes_after_every_chapter() {
        assert_eq!(problems(&["dir = \"capstones\"\nneeds = [\"permit\"]"]), [""; 0]);
    }

    #[test]
    fn a_term_that_the_book_does_not_have_is_reported() {
        let exercise = "needs = [\"futures\"]\nteaches = [\"permits\"]";
        let expected =
            ["futures", "permits"].map(|it| format!("the book has no term {it:?}"));
        assert_eq!(problems(&[exercise]), expected);
    }

    #[test]
    fn an_exercise_without_terms_is_reported() {
        let expected = ["it neither needs nor teaches a term of the book"];
        assert_eq!(problems(&["name = \"queues1\""]), expected);
    }
}
