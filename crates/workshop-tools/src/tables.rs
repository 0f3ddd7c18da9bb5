//! The tables of the pages are computed from the lists of exercises, between two marks.

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    answer::Wrong,
    pack::{CAPSTONES, Exercise, Kind, Pack, in_order, read},
};

/// What surrounds a table that is computed.
const BEGIN: &str = "<!-- computed: ";
const NAMED: &str = " -->";
const END: &str = "<!-- end -->";

/// What the name of a schedule begins with; its minutes and its blocks follow.
const SCHEDULE: &str = "schedule ";

/// The page that has the table of every directory.
const WORKSHOP: &str = "workshop.md";

/// A page of the book, or a README, with its tables.
pub(crate) struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), text: read(path)? })
    }

    /// Writes today's tables into the page.
    pub(crate) fn write(&self, packs: &[Pack]) -> Result<()> {
        let text = filled(&self.text, packs);
        fs::write(&self.path, text.with_context(|| self.path.display().to_string())?)?;
        Ok(())
    }

    fn has(&self, table: &str) -> bool {
        self.text.contains(&format!("{BEGIN}{table}{NAMED}"))
    }

    /// The blocks of a class in the schedules of the page, each once.
    fn blocks(&self) -> BTreeSet<&str> {
        let schedules = self
            .text
            .split(BEGIN)
            .filter_map(|rest| rest.split_once(NAMED)?.0.strip_prefix(SCHEDULE));
        schedules.flat_map(|words| words.split(' ').skip(1)).collect()
    }

    /// Why the tables of the page are not those of the packs, if so.
    fn problem(&self, packs: &[Pack]) -> Option<String> {
        let why = match filled(&self.text, packs) {
            Ok(text) if text == self.text => return None,
            Ok(_) => "its tables are outdated: run `just tables`".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        Some(format!("{}: {why}", self.path.display()))
    }
}

/// Everything that is wrong with the tables of the pages, one line each.
pub(crate) fn problems(pages: &[Page], packs: &[Pack]) -> Vec<String> {
    let mut problems: Vec<_> =
        pages.iter().filter_map(|page| page.problem(packs)).collect();
    let all: Vec<_> = packs.iter().flat_map(|pack| &pack.exercises).collect();
    for dir in dirs(&all) {
        let table = format!("exercises {dir}");
        // The capstones belong to no chapter, so they have no page of their own.
        let own = (dir != CAPSTONES).then(|| dir.replace('_', "-") + ".md");
        for name in [Some(WORKSHOP.to_owned()), own].into_iter().flatten() {
            let page = pages.iter().find(|page| page.path.ends_with(&name));
            if page.is_none_or(|page| !page.has(&table)) {
                problems.push(format!("{name} has no table `{table}`"));
            }
        }
    }
    for page in pages {
        for block in page.blocks() {
            let tables = [format!("route {block}"), format!("mistakes {block}")];
            let missing = tables.iter().filter(|table| !page.has(table));
            let page = page.path.display();
            problems
                .extend(missing.map(|table| format!("{page} has no table `{table}`")));
        }
    }
    let routes: BTreeSet<_> = all.iter().flat_map(|it| &it.routes).collect();
    for route in routes {
        let table = format!("route {route}");
        if !pages.iter().any(|page| page.has(&table)) {
            problems.push(format!("no page has the table `{table}`"));
        }
    }
    problems
}

/// The page with today's tables.
fn filled(page: &str, packs: &[Pack]) -> Result<String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (what, after) =
            after.split_once(NAMED).context("a mark of a table does not end")?;
        let table = table(what, packs)
            .with_context(|| format!("the table `{what}` cannot be computed"))?;
        let (old, after) = after
            .split_once(END)
            .with_context(|| format!("the table `{what}` does not end"))?;
        ensure!(!old.contains(BEGIN), "the table `{what}` does not end");
        let _ = write!(text, "{before}{BEGIN}{what}{NAMED}\n{table}{END}");
        rest = after;
    }
    Ok(text + rest)
}

/// The table with this name.
fn table(what: &str, packs: &[Pack]) -> Result<String> {
    let all: Vec<_> = in_order(packs).into_iter().map(|(_, exercise)| exercise).collect();
    match what.split_once(' ') {
        None if what == "chapters" => Ok(chapters(&all)),
        Some(("exercises", dir)) => Ok(exercises(&of(&all, dir)?)),
        Some(("route", name)) => route(&all, name),
        Some(("schedule", rest)) => schedule(&all, rest),
        Some(("mistakes", name)) => mistakes(packs, name),
        _ => bail!(
            "its name is none of `chapters`, `exercises DIR`, `route NAME`, \
             `schedule MINUTES NAME…` and `mistakes NAME`"
        ),
    }
}

/// The exercises of a directory; a name without any is a misspelt one.
fn of<'a>(all: &[&'a Exercise], dir: &str) -> Result<Vec<&'a Exercise>> {
    let of: Vec<_> = all.iter().copied().filter(|exercise| exercise.dir == dir).collect();
    ensure!(!of.is_empty(), "no exercise lies in the directory {dir:?}");
    Ok(of)
}

/// The exercises on a route; a name without any is a misspelt one.
fn on<'a>(all: &[&'a Exercise], route: &str) -> Result<Vec<&'a Exercise>> {
    let on: Vec<_> = all.iter().copied().filter(|it| it.is_on(route)).collect();
    ensure!(!on.is_empty(), "no exercise is on the route {route:?}");
    Ok(on)
}

/// The directories in the order of the chapters, over all packs; the capstones last.
fn dirs<'a>(all: &[&'a Exercise]) -> BTreeSet<&'a str> {
    all.iter().map(|exercise| exercise.dir.as_str()).collect()
}

fn minutes(exercises: &[&Exercise]) -> u32 {
    exercises.iter().map(|exercise| exercise.minutes).sum()
}

/// A row for each chapter, and their sum.
fn chapters(all: &[&Exercise]) -> String {
    let mut text = "| chapter | exercises | minutes |\n|---|---:|---:|\n".to_owned();
    for dir in dirs(all) {
        let mut exercises = all.to_vec();
        exercises.retain(|exercise| exercise.dir == dir);
        let (count, minutes) = (exercises.len(), minutes(&exercises));
        let _ = writeln!(text, "| {} | {count} | {minutes} |", dir.replace('_', " "));
    }
    let _ = writeln!(text, "| all | {} | {} |", all.len(), minutes(all));
    text
}

/// A row for each exercise of a chapter.
fn exercises(exercises: &[&Exercise]) -> String {
    let mut text = "| exercise | kind | section | minutes | level | what you do |\n\
                    |---|---|---|---:|---:|---|\n"
        .to_owned();
    for exercise in exercises {
        let Exercise { name, section, minutes, level, about, .. } = exercise;
        let kind = kind(exercise.kind);
        let _ = writeln!(
            text,
            "| `{name}` | {kind} | `{section}` | {minutes} | {level} | {about} |"
        );
    }
    text
}

/// The exercises of a route in order, and their minutes.
fn route(all: &[&Exercise], name: &str) -> Result<String> {
    let route = on(all, name)?;
    let names: Vec<_> =
        route.iter().map(|exercise| format!("`{}`", exercise.name)).collect();
    Ok(format!("{}: {}\n", hours(minutes(&route)), names.join(" · ")))
}

/// When each block of a class begins: a block is a route. An explanation and a discussion take half as
/// long as the exercises, rounded up to five minutes. `words` are the minutes that the class has, and
/// the blocks.
fn schedule(all: &[&Exercise], words: &str) -> Result<String> {
    let (limit, names) = words.split_once(' ').context("it names no block")?;
    let limit: u32 =
        limit.parse().context("its first word is not a number of minutes")?;
    let mut text = "| begins after | block | explain and discuss | exercises |\n\
                    |---:|---|---:|---:|\n"
        .to_owned();
    let mut now = 0;
    for name in names.split(' ') {
        let exercises = minutes(&on(all, name)?);
        let talk = exercises.div_ceil(2).next_multiple_of(5);
        let _ =
            writeln!(text, "| {} | {name} | {talk} min | {exercises} min |", hours(now));
        now += talk + exercises;
    }
    let _ = writeln!(text, "| {} | end | | |", hours(now));
    ensure!(now <= limit, "the blocks take {now} minutes, and the class has {limit}");
    Ok(text)
}

/// What the wrong answers to the exercises of a route do.
fn mistakes(packs: &[Pack], name: &str) -> Result<String> {
    let mut text = String::new();
    for (pack, exercise) in in_order(packs).iter().filter(|(_, it)| it.is_on(name)) {
        for path in pack.answers("wrong", exercise)? {
            let answer = read(&path)?;
            let wrong = Wrong::of(&answer);
            let wrong = wrong.with_context(|| path.display().to_string())?;
            let _ = writeln!(text, "- `{}`: {}", exercise.name, wrong.mistake);
        }
    }
    ensure!(!text.is_empty(), "no exercise with a wrong answer is on the route {name:?}");
    Ok(text)
}

/// `1 h 55 min`
fn hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Write => "write",
        Kind::Mend => "mend",
        Kind::Predict => "predict",
        Kind::Compile => "make it compile",
        Kind::Port => "port",
        Kind::Capstone => "build",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::example;

    /// Two exercises, of two chapters and on two routes.
    fn packs() -> [Pack; 1] {
        let first = r#"name = "tasks1"
                       dir = "02_tasks"
                       kind = "predict"
                       about = "predict it"
                       minutes = 5
                       routes = ["day", "short"]"#;
        let second = r#"name = "queues1"
                        dir = "05_queues"
                        minutes = 90
                        routes = ["day"]"#;
        [Pack {
            folder: PathBuf::new(),
            exercises: vec![example(first), example(second)],
        }]
    }

    fn page(name: &str, tables: &[&str]) -> Page {
        let marks = tables.iter().map(|table| format!("{BEGIN}{table}{NAMED}\n{END}\n"));
        let text = filled(&marks.collect::<String>(), &packs()).unwrap();
        Page { path: Path::new("docs/src").join(name), text }
    }

    #[test]
    fn a_table_is_written_between_its_marks_and_the_rest_is_kept() {
        let page = "before <!-- computed: route day -->\nold\n<!-- end -->\n\
                    <!-- computed: route short --><!-- end --> after";
        let now = "before <!-- computed: route day -->\n1 h 35 min: `tasks1` · `queues1`\n\
                   <!-- end -->\n<!-- computed: route short -->\n5 min: `tasks1`\n\
                   <!-- end --> after";
        assert_eq!(filled(page, &packs()).unwrap(), now);
        assert_eq!(filled(now, &packs()).unwrap(), now);
        assert_eq!(filled("no table", &packs()).unwrap(), "no table");
    }

    #[test]
    fn the_kind_of_an_exercise_is_a_column_of_its_own() {
        let table = table("exercises 02_tasks", &packs()).unwrap();
        let row = table.lines().last();
        assert_eq!(row, Some("| `tasks1` | predict | `bounded` | 5 | 1 | predict it |"));
    }

    #[test]
    fn a_table_with_a_misspelt_name_is_refused() {
        for what in [
            "chapter",
            "exercises 2_tasks",
            "route days",
            "schedule 200 shrt",
            "schedule day",
            "schedule 90",
            "mistakes days",
        ] {
            let why =
                filled(&format!("{BEGIN}{what}{NAMED}{END}"), &packs()).unwrap_err();
            assert!(format!("{why:#}").contains(what), "{what}: {why:#}");
        }
    }

    #[test]
    fn a_table_without_an_end_is_refused() {
        for page in [
            "<!-- computed: chapters",
            "<!-- computed: chapters -->",
            "<!-- computed: chapters --> <!-- computed: route day --> <!-- end -->",
        ] {
            let why = filled(page, &packs()).unwrap_err().to_string();
            assert!(why.ends_with("does not end"), "{page}: {why}");
        }
    }

    #[test]
    fn every_directory_and_every_route_has_a_table() {
        let tables = ["exercises 02_tasks", "exercises 05_queues", "route day"];
        let pages = [
            page(WORKSHOP, &tables),
            page("02-tasks.md", &tables[..1]),
            page("05-queues.md", &["route short", "exercises 05_queues"]),
        ];
        assert_eq!(problems(&pages, &packs()), [""; 0]);
        let pages = [page(WORKSHOP, &tables[1..]), page("02-tasks.md", &tables[..1])];
        assert_eq!(
            problems(&pages, &packs()),
            [
                "workshop.md has no table `exercises 02_tasks`",
                "05-queues.md has no table `exercises 05_queues`",
                "no page has the table `route short`",
            ]
        );
    }

    #[test]
    fn a_schedule_adds_half_for_explanations_and_fits_the_class() {
        let schedule = table("schedule 155 short day", &packs()).unwrap();
        let expected = "| begins after | block | explain and discuss | exercises |\n\
                        |---:|---|---:|---:|\n\
                        | 0 min | short | 5 min | 5 min |\n\
                        | 10 min | day | 50 min | 95 min |\n\
                        | 2 h 35 min | end | | |\n";
        assert_eq!(schedule, expected);
        let why = table("schedule 154 short day", &packs()).unwrap_err().to_string();
        assert_eq!(why, "the blocks take 155 minutes, and the class has 154");
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
            problems(&pages, &packs()),
            [
                "docs/src/teaching.md has no table `route short`",
                "docs/src/teaching.md has no table `mistakes short`",
            ]
        );
    }

    #[test]
    fn a_page_with_another_table_is_outdated() {
        let mut page = page("02-tasks.md", &["route short"]);
        assert_eq!(page.problem(&packs()), None);
        page.text = page.text.replace("tasks1", "tasks2");
        let why = page.problem(&packs()).unwrap();
        assert_eq!(
            why,
            "docs/src/02-tasks.md: its tables are outdated: run `just tables`"
        );
    }

    #[test]
    fn minutes_are_written_as_hours_and_minutes() {
        let texts = [0, 59, 60, 61, 115, 240].map(hours);
        assert_eq!(texts, ["0 min", "59 min", "1 h", "1 h 1 min", "1 h 55 min", "4 h"]);
    }
}
