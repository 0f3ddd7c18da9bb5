//! A question asks what a run does; its right answer is not written down, but read from the run.
//!
//! In a page it is a block, alone between empty lines:
//!
//! ```text
//! {{#predict bounded capacity=1
//! ask: When is item 5 produced?
//! answer: time "produced 5"
//! because: The only slot is free again when the consumer receives item 4.
//! not: 0.060 s | The producer makes an item every 10 ms, but a full queue makes it wait.
//! not: 0.250 s | That is when item 5 is consumed: it waits in the queue for 30 ms.
//! }}
//! ```
//!
//! The first line names a pure section, and the settings of the run, if there are any. `not` is a tempting
//! answer, and behind the `|` why it tempts and why it is wrong; there are two or three. `answer` is a query
//! of `query.rs`. A line that begins with a space continues the one above.

mod meaning;

use anyhow::{Context, Result, bail, ensure};

use self::meaning::meaning;
use crate::query::Query;

/// Its first line begins so.
pub(crate) const BEGIN: &str = "{{#predict";

/// A question, as it is written in a page.
#[derive(Debug)]
pub(crate) struct Question {
    /// The chapter, if it is not that of the page.
    pub(crate) chapter: Option<String>,
    pub(crate) section: String,
    /// The knobs that are set, with their values.
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) ask: String,
    pub(crate) query: Query,
    pub(crate) because: String,
    pub(crate) tempting: Vec<Tempting>,
}

/// A wrong answer.
#[derive(Debug)]
pub(crate) struct Tempting {
    pub(crate) text: String,
    /// Why it tempts, and why it is wrong.
    pub(crate) why: String,
}

/// A part of a page.
pub(crate) enum Part<'a> {
    /// Lines as they are.
    Line(&'a str),
    /// The lines of a question, and the number of the first, from 1.
    Block(usize, Vec<&'a str>),
}

/// Takes a page apart.
pub(crate) fn parts(page: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut lines = page.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        if !line.contains(BEGIN) {
            parts.push(Part::Line(line));
            continue;
        }
        let mut block = vec![line];
        while block.last().is_some_and(|line| line.trim_end() != "}}") {
            let Some((line, _)) = lines.next() else { break };
            block.push(line);
        }
        parts.push(Part::Block(number, block));
    }
    parts
}

impl Question {
    /// Reads the lines of a block.
    pub(crate) fn parse(block: &[&str]) -> Result<Self> {
        let (first, rest) = block.split_first().context("a block has lines")?;
        let head =
            first.strip_prefix(BEGIN).context("a question is a block of its own")?;
        ensure!(head.starts_with(' '), "the question names no section");
        let Some((end, fields)) = rest.split_last() else { bail!("{UNCLOSED}") };
        ensure!(end.trim_end() == "}}", "{UNCLOSED}");
        let mut words = head.split_whitespace();
        let name = words.next().context("the question names no section")?;
        let (chapter, section) = match name.split_once('/') {
            Some((chapter, section)) => (Some(chapter.to_owned()), section),
            None => (None, name),
        };
        let setting = |word: &str| {
            let pair = word
                .split_once('=')
                .filter(|(knob, value)| !knob.is_empty() && !value.is_empty());
            let (knob, value) =
                pair.with_context(|| format!("{word} is no KNOB=VALUE"))?;
            Ok((knob.to_owned(), value.to_owned()))
        };
        let settings = words.map(setting).collect::<Result<_>>()?;
        let mut fields = Fields::read(fields)?;
        let tempting = fields.all("not").into_iter().map(|it| Tempting::parse(&it));
        let tempting: Vec<_> = tempting.collect::<Result<_>>()?;
        ensure!(
            (2..=3).contains(&tempting.len()),
            "a question has two or three tempting answers, `not: TEXT | WHY`"
        );
        let question = Self {
            chapter,
            section: section.to_owned(),
            settings,
            ask: fields.one("ask")?,
            query: Query::parse(&fields.one("answer")?)?,
            because: fields.one("because")?,
            tempting,
        };
        fields.are_empty()?;
        Ok(question)
    }

    /// `capacity=1,making=50ms`; empty for a run at the defaults.
    pub(crate) fn setting(&self) -> String {
        let settings =
            self.settings.iter().map(|(knob, value)| format!("{knob}={value}"));
        settings.collect::<Vec<_>>().join(",")
    }

    /// The choices, the right one among them at the same position in every build.
    ///
    /// Fails if a choice means the same as another.
    pub(crate) fn choices<'a>(&'a self, right: &'a str) -> Result<Vec<Choice<'a>>> {
        if let Some(known) = self.query.choices() {
            for Tempting { text, .. } in &self.tempting {
                let is_known = known.iter().any(|it| it == text);
                ensure!(is_known, "{text:?} is none of the texts of the query");
            }
            let is_complete = known.len() == self.tempting.len() + 1;
            ensure!(is_complete, "each other text of the query needs a `not`");
        }
        let wrong = self.tempting.iter().map(|it| Choice {
            text: &it.text,
            why: &it.why,
            is_right: false,
        });
        let right = Choice { text: right, why: &self.because, is_right: true };
        let mut choices: Vec<_> = std::iter::once(right).chain(wrong).collect();
        for (at, one) in choices.iter().enumerate() {
            for other in &choices[at + 1..] {
                let is_same = meaning(one.text) == meaning(other.text);
                let text = other.text;
                ensure!(
                    !is_same || !one.is_right,
                    "the tempting answer {text:?} is right"
                );
                ensure!(!is_same, "two tempting answers are the same: {text:?}");
            }
        }
        choices.sort_by_key(|it| hash(&format!("{} {}", self.ask, it.text)));
        Ok(choices)
    }
}

const UNCLOSED: &str = "a question ends with a line }}";

/// An answer that a reader can choose.
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) text: &'a str,
    pub(crate) why: &'a str,
    pub(crate) is_right: bool,
}

impl Tempting {
    fn parse(text: &str) -> Result<Self> {
        let (text, why) = text.split_once('|').unwrap_or((text, ""));
        let (text, why) = (text.trim().to_owned(), why.trim().to_owned());
        ensure!(!text.is_empty(), "a tempting answer is empty");
        ensure!(!why.is_empty(), "{text:?} has no reason: `not: {text} | WHY`");
        Ok(Self { text, why })
    }
}

/// The named texts of a block.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(lines: &[&str]) -> Result<Self> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in lines {
            match (line.strip_prefix(' '), fields.last_mut()) {
                (Some(more), Some((_, text))) => *text += &format!(" {}", more.trim()),
                _ => {
                    let field = line.split_once(": ");
                    let (name, text) =
                        field.with_context(|| format!("{line:?} is no `NAME: TEXT`"))?;
                    fields.push((name.to_owned(), text.trim().to_owned()));
                }
            }
        }
        Ok(Self(fields))
    }

    fn all(&mut self, name: &str) -> Vec<String> {
        let is_named = |field: &mut (String, String)| field.0 == name;
        self.0.extract_if(.., is_named).map(|(_, text)| text).collect()
    }

    fn one(&mut self, name: &str) -> Result<String> {
        match &mut self.all(name)[..] {
            [text] if !text.is_empty() => Ok(std::mem::take(text)),
            [] | [_] => bail!("the question has no `{name}:`"),
            _ => bail!("the question has two `{name}:`"),
        }
    }

    fn are_empty(&self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => bail!("a question has no `{name}:`"),
        }
    }
}

/// FNV-1a: the same on every machine and with every version of Rust.
pub(crate) fn hash(text: &str) -> u32 {
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    text.bytes().fold(0x811c_9dc5, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "{{#predict bounded capacity=1 making=5ms\nask: When is it over?\n\
                        answer: end\nbecause: It takes\n  its time.\nnot: never | It\n waits.\n\
                        not: 0.3 s | It is slow.\n}}";

    fn parsed(block: &str) -> Result<Question, String> {
        let lines: Vec<_> = block.lines().collect();
        Question::parse(&lines).map_err(|why| format!("{why:#}"))
    }

    #[test]
    fn a_block_is_read() {
        let question = parsed(GOOD).expect("a question");
        assert_eq!((question.chapter, question.section.as_str()), (None, "bounded"));
        assert_eq!(question.because, "It takes its time.");
        assert_eq!(question.tempting[0].why, "It waits.");
        let other = parsed(&GOOD.replace("bounded", "queues/bounded")).expect("good");
        assert_eq!(other.chapter.as_deref(), Some("queues"));
        assert_eq!(other.setting(), "capacity=1,making=5ms");
    }

    #[test]
    fn a_block_of_another_form_is_refused() {
        for (old, new, why) in [
            (" bounded capacity=1 making=5ms", "", "the question names no section"),
            ("capacity=1", "capacity", "capacity is no KNOB=VALUE"),
            ("capacity=1", "capacity=", "capacity= is no KNOB=VALUE"),
            ("\n}}", "", "a question ends with a line }}"),
            ("ask: When is it over?\n", "", "the question has no `ask:`"),
            ("answer: end\n", "", "the question has no `answer:`"),
            ("because: It takes\n  its time.\n", "", "the question has no `because:`"),
            ("answer: end", "answer: end\nanswer: end", "the question has two `answer:`"),
            ("ask: When", "hint: soon\nask: When", "a question has no `hint:`"),
            ("ask: When", "ask When", "\"ask When is it over?\" is no `NAME: TEXT`"),
            (
                "never | It\n waits.",
                "never",
                "\"never\" has no reason: `not: never | WHY`",
            ),
            ("never | It\n waits.", "| why", "a tempting answer is empty"),
            (
                "not: 0.3 s | It is slow.\n",
                "",
                "a question has two or three tempting answers, `not: TEXT | WHY`",
            ),
            (
                "because",
                "not: a | b\nnot: c | d\nbecause",
                "a question has two or three tempting answers, `not: TEXT | WHY`",
            ),
        ] {
            assert!(GOOD.contains(old), "{old}");
            assert_eq!(parsed(&GOOD.replacen(old, new, 1)).expect_err(new), why);
        }
    }

    #[test]
    fn the_choices_are_in_the_same_order_in_every_build() {
        let question = parsed(GOOD).expect("a question");
        let choices = question.choices("0.310 s").expect("choices");
        let texts: Vec<_> = choices.iter().map(|it| it.text).collect();
        assert_eq!(texts, ["0.310 s", "never", "0.3 s"]);
        assert_eq!(hash("a"), 0xe40c_292c);
    }

    #[test]
    fn a_tempting_answer_that_is_right_is_refused() {
        let question = parsed(GOOD).expect("a question");
        for right in ["0.300 s", "300 ms", "0.3s"] {
            let error = question.choices(right).expect_err(right);
            assert_eq!(error.to_string(), "the tempting answer \"0.3 s\" is right");
        }
        let question = parsed(&GOOD.replace("0.3 s", "Never!")).expect("a question");
        let error = question.choices("0.310 s").expect_err("twice never");
        assert_eq!(error.to_string(), "two tempting answers are the same: \"Never!\"");
    }

    #[test]
    fn the_texts_that_a_query_compares_are_the_choices() {
        let block = GOOD.replace("answer: end", "answer: first \"a\" \"never\" \"b\"");
        let question = parsed(&block).expect("a question");
        let error = question.choices("a").expect_err("0.3 s");
        assert_eq!(error.to_string(), "\"0.3 s\" is none of the texts of the query");
        let question = parsed(&block.replace("0.3 s", "b")).expect("a question");
        assert_eq!(question.choices("a").expect("choices").len(), 3);
        let more = block.replace("0.3 s", "b").replace(" \"b\"", " \"b\" \"c\"");
        let question = parsed(&more).expect("a question");
        let error = question.choices("a").expect_err("c");
        assert_eq!(error.to_string(), "each other text of the query needs a `not`");
    }
}
