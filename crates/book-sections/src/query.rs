//! The right answer to a question is read from a recorded run by a query.
//!
//! | query | its answer |
//! |---|---|
//! | `time LINE` | when the line is printed: `0.130 s` |
//! | `between LINE LINE` | the time from the first of these lines to the second |
//! | `line N` | the text of the line that is printed as number N, from 1 |
//! | `first "A" "B" …` | which of these texts is printed first; the tempting answers are the others |
//! | `lane LINE` | the name of the lane that prints the line |
//! | `part LINE` | what is printed in place of the `{}` in the line's text |
//! | `count "TEXT"` | how many lines have the text |
//! | `peak "STEP"` | how many lanes are inside the step at the same time, at most |
//! | `inside "STEP" "LANE"` | for how long the lane is inside the step, in total |
//! | `ending "LANE"` | how the lane ends: `done`, `failed`, `panicked`, `cancelled`, `never polled` |
//! | `end`, `end "LANE"` | when the run, or the lane, ends |
//! | `outcome` | how the run ends: `it succeeds`, `DEADLOCK`, `it fails` |
//!
//! LINE is `"TEXT"`, `first "TEXT"` or `last "TEXT"`. A line has a text if the text is a part of it that
//! begins and ends at a word; the name of the line's lane is a part of the line. Without `first` or `last`,
//! exactly one line may have the text.
//!
//! Any query but `first` with texts may end with `as "WORDS {} WORDS"`, which puts words around the answer.

mod lanes;
mod lines;
mod parse;

use anyhow::{Context, Result, ensure};

use self::{
    lanes::{ending, inside, peak},
    lines::{has, no_line, part},
};
use crate::{
    recorded::{Line, Run},
    transcript,
};

/// A query, and the words around its answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Query {
    ask: Ask,
    /// It has one `{}`.
    wording: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Ask {
    Time(Pick),
    Between(Pick, Pick),
    Line(usize),
    First(Vec<String>),
    Lane(Pick),
    Part(Pick),
    Count(String),
    Peak(String),
    Inside { step: String, lane: String },
    Ending(String),
    End(Option<String>),
    Outcome,
}

/// One line of a run.
#[derive(Debug, PartialEq, Eq)]
struct Pick {
    which: Which,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Only,
    First,
    Last,
}

/// What a run answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) text: String,
    /// The moments of the run that show it.
    pub(crate) shown: Vec<Moment>,
}

/// Something that happens in the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Microseconds since the run began.
    pub(crate) at: u64,
    pub(crate) text: String,
}

impl Query {
    /// What this run answers. Fails if nothing in it matches, or more than may match.
    pub(crate) fn answer(&self, run: &Run) -> Result<Answer> {
        let mut answer = self.ask.answer(run)?;
        answer.text = self.wording.replace("{}", &answer.text);
        Ok(answer)
    }

    /// Whether the answer is the difference of the two times that are shown with it.
    pub(crate) fn is_difference(&self) -> bool {
        matches!(self.ask, Ask::Between(..))
    }

    /// The only texts that can be answers, if the query itself names them.
    pub(crate) fn choices(&self) -> Option<&[String]> {
        match &self.ask {
            Ask::First(texts) => Some(texts),
            _ => None,
        }
    }
}

impl Ask {
    fn answer(&self, run: &Run) -> Result<Answer> {
        let lines = run.lines();
        match self {
            Self::Time(pick) => {
                let line = pick.line(&lines)?;
                Ok(Answer::new(seconds(line.at), [line]))
            }
            Self::Between(from, to) => {
                let (from, to) = (from.line(&lines)?, to.line(&lines)?);
                let time = to.at.checked_sub(from.at);
                let time = time.context("the second line is printed before the first")?;
                Ok(Answer::new(seconds(time), [from, to]))
            }
            Self::Line(number) => nth(*number, &lines),
            Self::First(texts) => first(texts, &lines),
            Self::Lane(pick) => {
                let line = pick.line(&lines)?;
                let lane = line.lane.and_then(|lane| run.lanes.get(lane));
                let lane = lane.context("the line is printed outside of all lanes")?;
                Ok(Answer::new(lane.name.clone(), [line]))
            }
            Self::Part(pick) => {
                let line = pick.line(&lines)?;
                let part = part(&line.text, &pick.text).context("the line matches")?;
                Ok(Answer::new(part.to_owned(), [line]))
            }
            Self::Count(text) => {
                let found: Vec<_> =
                    lines.iter().filter(|it| has(&it.text, text)).collect();
                ensure!(!found.is_empty(), "{}", no_line(text, &lines));
                Ok(Answer::new(found.len().to_string(), found))
            }
            Self::Peak(step) => peak(step, run),
            Self::Inside { step, lane } => inside(step, lane, run),
            Self::Ending(lane) => {
                let (moment, how) = ending(lane, run)?;
                Ok(Answer { text: how.to_owned(), shown: vec![moment] })
            }
            Self::End(Some(lane)) => {
                let (moment, _) = ending(lane, run)?;
                Ok(Answer { text: seconds(moment.at), shown: vec![moment] })
            }
            Self::End(None) => {
                let mut shown: Vec<_> =
                    lines.last().map(Moment::of).into_iter().collect();
                shown.push(Moment { at: run.end, text: "(the run ends)".into() });
                Ok(Answer { text: seconds(run.end), shown })
            }
            Self::Outcome => Ok(outcome(run, &lines)),
        }
    }
}

impl Answer {
    fn new<'a>(text: String, lines: impl IntoIterator<Item = &'a Line>) -> Self {
        Self { text, shown: lines.into_iter().map(Moment::of).collect() }
    }
}

impl Moment {
    fn of(line: &Line) -> Self {
        Self { at: line.at, text: line.text.clone() }
    }
}

fn nth(number: usize, lines: &[Line]) -> Result<Answer> {
    let line = number.checked_sub(1).and_then(|at| lines.get(at));
    let line = line
        .with_context(|| format!("the run prints {} lines, not {number}", lines.len()))?;
    let before = number.saturating_sub(3);
    Ok(Answer::new(line.text.clone(), &lines[before..number]))
}

fn first(texts: &[String], lines: &[Line]) -> Result<Answer> {
    let mut found = Vec::new();
    for text in texts {
        let at = lines.iter().position(|line| has(&line.text, text));
        found.push((at.with_context(|| no_line(text, lines))?, text));
    }
    found.sort();
    let is_double = found.windows(2).any(|pair| pair[0].0 == pair[1].0);
    ensure!(!is_double, "one line has two of the texts");
    let shown = found.iter().map(|(at, _)| &lines[*at]);
    Ok(Answer::new(found[0].1.clone(), shown))
}

fn outcome(run: &Run, lines: &[Line]) -> Answer {
    let mut shown: Vec<_> = lines.last().map(Moment::of).into_iter().collect();
    let Some(failure) = &run.failure else {
        return Answer { text: "it succeeds".into(), shown };
    };
    let what = failure.lines().filter(|line| !line.trim().is_empty()).take(8);
    shown.extend(what.map(|line| Moment { at: run.end, text: line.trim().into() }));
    let is_deadlock = failure.contains("DEADLOCK");
    let text = if is_deadlock { "DEADLOCK" } else { "it fails" };
    Answer { text: text.into(), shown }
}

/// As the lines of a run show it.
pub(crate) fn seconds(micros: u64) -> String {
    format!("{} s", transcript::seconds(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = r#"{"version":1,"language":"rust","runs":[{"end":90000,"knobs":[],
        "failure":"DEADLOCK: nothing can wake\n\n  b waits since 0.05 s\n",
        "lanes":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"c"}],
        "events":[
            {"at":0,"lane":0,"what":"made"},
            {"at":0,"lane":0,"what":"started"},
            {"at":0,"what":"said","text":"go, item 10"},
            {"at":0,"lane":0,"what":"in","step":1,"label":"work"},
            {"at":10000,"lane":1,"what":"in","step":2,"label":"work"},
            {"at":20000,"lane":0,"what":"out","step":1},
            {"at":20000,"lane":2,"what":"in","step":3,"label":"work"},
            {"at":25000,"lane":0,"what":"said","text":"item 1 done: 3 of 4 left"},
            {"at":50000,"lane":1,"what":"said","text":"item 2 done: 2 of 4 left"},
            {"at":55000,"lane":1,"what":"out","step":2},
            {"at":60000,"lane":0,"what":"in","step":4,"label":"work"},
            {"at":62000,"lane":0,"what":"ended","how":"dropped"},
            {"at":70000,"lane":2,"what":"out","step":3}]}]}"#;

    fn run() -> Run {
        Run::parse(RUN).expect("a record")
    }

    fn answer(query: &str) -> Result<String, String> {
        let answer = Query::parse(query).and_then(|query| query.answer(&run()));
        answer.map(|it| it.text).map_err(|why| format!("{why:#}"))
    }

    #[test]
    fn a_query_reads_its_answer_from_the_run() {
        for (query, expected) in [
            ("time \"item 1\"", "0.025 s"),
            ("time last \"done\"", "0.050 s"),
            ("time first \"done\" as \"after {}\"", "after 0.025 s"),
            ("between \"go\" last \"done\"", "0.050 s"),
            ("line 1", "go, item 10"),
            ("line 3", "b item 2 done: 2 of 4 left"),
            ("first \"item 2\" \"item 1\"", "item 1"),
            ("lane \"item 2\"", "b"),
            ("part \"item 2 done: {} of 4\"", "2"),
            ("part last \"done: {}\"", "2 of 4 left"),
            ("count \"item\" as \"{} lines\"", "3 lines"),
            ("count \"a\"", "1"),
            ("peak \"work\"", "2"),
            ("inside \"work\" \"a\"", "0.022 s"),
            ("ending \"a\"", "cancelled"),
            ("end \"a\"", "0.062 s"),
            ("end", "0.090 s"),
            ("outcome", "DEADLOCK"),
        ] {
            assert_eq!(answer(query).as_deref(), Ok(expected), "{query}");
        }
    }

    #[test]
    fn a_query_that_matches_nothing_or_too_much_is_refused() {
        for (query, why) in [
            (
                "time \"item 3\"",
                "no line has \"item 3\"; the run prints\n  go, item 10\n",
            ),
            ("time \"tem 1\"", "no line has \"tem 1\""),
            ("count \"item 3\"", "no line has \"item 3\""),
            ("first \"item 3\" \"item 1\"", "no line has \"item 3\""),
            ("time \"done\"", "2 lines have \"done\": write `first` or `last`"),
            ("part \"done: {} of\"", "2 lines have \"done: {} of\""),
            ("between last \"done\" \"go\"", "the second line is printed before"),
            ("line 0", "the run prints 3 lines, not 0"),
            ("line 4", "the run prints 3 lines, not 4"),
            ("first \"item 2\" \"b\"", "one line has two of the texts"),
            ("lane \"go\"", "the line is printed outside of all lanes"),
            ("peak \"rest\"", "no step is \"rest\", only: work"),
            ("inside \"rest\" \"a\"", "a ends no step \"rest\""),
            ("inside \"work\" \"d\"", "no lane is named d, only: a, b, c, c"),
            ("ending \"c\"", "several lanes are named c"),
            ("ending \"b\"", "b does not end"),
            ("end \"d\"", "no lane is named d"),
        ] {
            let error = answer(query).expect_err(query);
            assert!(error.starts_with(why), "{query}: {error}");
        }
    }

    #[test]
    fn a_query_of_another_form_is_refused() {
        for (query, why) in [
            ("", "the query is empty"),
            ("\"item 1\"", "a query begins with one of: time"),
            ("when \"item 1\"", "there is no query `when`, only: time"),
            ("time", "the query names no line"),
            ("time item", "write item in quotes"),
            ("time \"\"", "a text in the query is empty"),
            ("time \"a", "a quote is not closed"),
            ("time \"a\" \"b\"", "the query has too many words"),
            ("line x", "x is no number"),
            ("line", "`line` needs other words after it"),
            ("first \"a\"", "`first` needs other words after it"),
            ("part \"a\"", "the text of `part` needs one {}"),
            ("first \"a\" \"b\" as \"{} s\"", "`first` has no words around its answer"),
            ("end as \"words\"", "the text after `as` needs one {}"),
        ] {
            let error = answer(query).expect_err(query);
            assert!(error.starts_with(why), "{query}: {error}");
        }
    }

    /// Two lanes are inside from 0.010 s on; at 0.020 s one leaves before another enters.
    #[test]
    fn an_answer_shows_the_moments_that_prove_it() {
        let shown = |query: &str| {
            let answer = Query::parse(query).and_then(|query| query.answer(&run()));
            let shown = answer.expect("an answer").shown.into_iter();
            shown
                .map(|Moment { at, text }| format!("{} {text}", at / 1000))
                .collect::<Vec<_>>()
        };
        assert_eq!(shown("peak \"work\""), ["10 a, b (in the step “work”)"]);
        assert_eq!(
            shown("inside \"work\" \"a\""),
            ["20 a ends “work” after 0.020 s", "62 a ends “work” after 0.002 s"]
        );
        assert_eq!(shown("line 2"), ["0 go, item 10", "25 a item 1 done: 3 of 4 left"]);
        assert_eq!(shown("end").last().expect("the end"), "90 (the run ends)");
        assert_eq!(
            shown("outcome")[1..],
            ["90 DEADLOCK: nothing can wake", "90 b waits since 0.05 s"]
        );
    }
}
