//! Each directory, each route and each block of a class has its tables on a page.

use std::collections::BTreeSet;

use crate::{
    pack::{CAPSTONES, Exercise, Pack},
    page::Page,
    tables::{EXERCISES, MISTAKES, ROUTE, SCHEDULE, dirs},
};

/// The page that has the table of every directory.
const WORKSHOP: &str = "workshop.md";

/// Which tables the pages lack, one line each.
pub(crate) fn missing_tables(pages: &[Page], packs: &[Pack]) -> Vec<String> {
    let all: Vec<_> = packs.iter().flat_map(|pack| &pack.exercises).collect();
    [of_directories(pages, &all), of_blocks(pages), of_routes(pages, &all)].concat()
}

/// A directory has its table on the page of the workshop and on the page of its chapter.
fn of_directories(pages: &[Page], all: &[&Exercise]) -> Vec<String> {
    let mut missing = Vec::new();
    for dir in dirs(all) {
        let table = format!("{EXERCISES} {dir}");
        // The capstones belong to no chapter, so they have no page of their own.
        let own = (dir != CAPSTONES).then(|| dir.replace('_', "-") + ".md");
        for name in [Some(WORKSHOP.to_owned()), own].into_iter().flatten() {
            let page = pages.iter().find(|page| page.path().ends_with(&name));
            if page.is_none_or(|page| !page.has(&table)) {
                missing.push(format!("{name} has no table `{table}`"));
            }
        }
    }
    missing
}

/// A block of a class has its exercises and their mistakes on the page of the schedule.
fn of_blocks(pages: &[Page]) -> Vec<String> {
    let mut missing = Vec::new();
    for page in pages {
        for block in blocks(page) {
            let tables = [format!("{ROUTE} {block}"), format!("{MISTAKES} {block}")];
            let tables = tables.iter().filter(|table| !page.has(table));
            let page = page.path().display();
            missing.extend(tables.map(|table| format!("{page} has no table `{table}`")));
        }
    }
    missing
}

/// A route has its exercises on some page.
fn of_routes(pages: &[Page], all: &[&Exercise]) -> Vec<String> {
    let routes: BTreeSet<_> = all.iter().flat_map(|it| &it.routes).collect();
    let tables = routes.iter().map(|route| format!("{ROUTE} {route}"));
    let missing = tables.filter(|table| !pages.iter().any(|page| page.has(table)));
    missing.map(|table| format!("no page has the table `{table}`")).collect()
}

/// The blocks of a class in the schedules of a page, each once.
fn blocks(page: &Page) -> BTreeSet<&str> {
    let words = page.tables().map(|name| name.split(' '));
    let schedules = words.filter_map(|mut words| {
        let [kind, _minutes] = [words.next()?, words.next()?];
        (kind == SCHEDULE).then_some(words)
    });
    schedules.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{page::tests::page, tables::tests::packs};

    #[test]
    fn every_directory_and_every_route_has_a_table() {
        let tables = ["exercises 02_tasks", "exercises 05_queues", "route day"];
        let pages = [
            page(WORKSHOP, &tables),
            page("02-tasks.md", &tables[..1]),
            page("05-queues.md", &["route short", "exercises 05_queues"]),
        ];
        assert_eq!(missing_tables(&pages, &packs()), [""; 0]);
        let pages = [page(WORKSHOP, &tables[1..]), page("02-tasks.md", &tables[..1])];
        assert_eq!(
            missing_tables(&pages, &packs()),
            [
                "workshop.md has no table `exercises 02_tasks`",
                "05-queues.md has no table `exercises 05_queues`",
                "no page has the table `route short`",
            ]
        );
    }

    #[test]
    fn each_block_of_a_schedule_has_its_exercises_and_its_mistakes() {
        let tables =
            ["exercises 02_tasks", "exercises 05_queues", "route day", "route short"];
        let pages = [
            page(WORKSHOP, &tables),
            page("02-tasks.md", &tables[..1]),
            page("05-queues.md", &tables[1..2]),
            page("teaching.md", &["schedule 90 short", "route day"]),
        ];
        assert_eq!(
            missing_tables(&pages, &packs()),
            [
                "docs/src/teaching.md has no table `route short`",
                "docs/src/teaching.md has no table `mistakes short`",
            ]
        );
    }
}
