//! A query is written as words and quoted texts.

use anyhow::{Context, Result, bail, ensure};

use super::{Ask, Pick, Query, Which};

const QUERIES: &str =
    "time, between, line, first, lane, part, count, peak, inside, ending, end, outcome";

/// A word, or a text in quotes.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text(&'a str),
}

use Token::{Text, Word};

impl Query {
    /// Reads a query.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let tokens = tokens(text)?;
        let (tokens, wording) = match &tokens[..] {
            [query @ .., Word("as"), Text(wording)] => (query, *wording),
            all => (all, "{}"),
        };
        ensure!(
            wording.matches("{}").count() == 1,
            "the text after `as` needs one {{}} for the answer"
        );
        let ask = ask(tokens)?;
        // Else the right choice would be the only one with these words.
        let is_choice = matches!(ask, Ask::First(_));
        ensure!(!is_choice || wording == "{}", "`first` has no words around its answer");
        Ok(Self { ask, wording: wording.into() })
    }
}

fn ask(tokens: &[Token<'_>]) -> Result<Ask> {
    let (Word(word), rest) = tokens.split_first().context("the query is empty")? else {
        bail!("a query begins with one of: {QUERIES}");
    };
    Ok(match (*word, rest) {
        ("time", rest) => Ask::Time(only(rest)?),
        ("between", rest) => {
            let (from, rest) = pick(rest)?;
            Ask::Between(from, only(rest)?)
        }
        ("line", [Word(number)]) => {
            Ask::Line(number.parse().with_context(|| format!("{number} is no number"))?)
        }
        ("first", texts @ [_, _, ..]) => {
            Ask::First(texts.iter().map(quoted).collect::<Result<_>>()?)
        }
        ("lane", rest) => Ask::Lane(only(rest)?),
        ("part", rest) => {
            let pick = only(rest)?;
            let marks = pick.text.matches("{}").count();
            ensure!(marks == 1, "the text of `part` needs one {{}}");
            Ask::Part(pick)
        }
        ("count", [text]) => Ask::Count(quoted(text)?),
        ("peak", [step]) => Ask::Peak(quoted(step)?),
        ("inside", [step, lane]) => {
            Ask::Inside { step: quoted(step)?, lane: quoted(lane)? }
        }
        ("ending", [lane]) => Ask::Ending(quoted(lane)?),
        ("end", []) => Ask::End(None),
        ("end", [lane]) => Ask::End(Some(quoted(lane)?)),
        ("outcome", []) => Ask::Outcome,
        (word, _) if QUERIES.split(", ").any(|query| query == word) => {
            bail!("`{word}` needs other words after it")
        }
        (word, _) => bail!("there is no query `{word}`, only: {QUERIES}"),
    })
}

/// A line, and nothing after it.
fn only(tokens: &[Token<'_>]) -> Result<Pick> {
    let (pick, rest) = pick(tokens)?;
    ensure!(rest.is_empty(), "the query has too many words");
    Ok(pick)
}

fn pick<'t, 'a>(tokens: &'t [Token<'a>]) -> Result<(Pick, &'t [Token<'a>])> {
    let (which, tokens) = match tokens {
        [Word("first"), rest @ ..] => (Which::First, rest),
        [Word("last"), rest @ ..] => (Which::Last, rest),
        all => (Which::Only, all),
    };
    let (text, rest) = tokens.split_first().context("the query names no line")?;
    Ok((Pick { which, text: quoted(text)? }, rest))
}

fn quoted(token: &Token<'_>) -> Result<String> {
    match token {
        Text(text) if !text.is_empty() => Ok((*text).to_owned()),
        Text(_) => bail!("a text in the query is empty"),
        Word(word) => bail!("write {word} in quotes"),
    }
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    for (number, part) in text.split('"').enumerate() {
        match number % 2 {
            0 => tokens.extend(part.split_whitespace().map(Word)),
            _ => tokens.push(Text(part)),
        }
    }
    ensure!(text.matches('"').count().is_multiple_of(2), "a quote is not closed");
    Ok(tokens)
}
