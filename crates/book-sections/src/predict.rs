//! A question becomes a form; without a script its answer can be unfolded.

use std::{fmt::Write, path::Path};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    asked,
    chapter::Chapter,
    markup::{attribute, escaped, prose},
    query::{Answer, seconds},
    question::{BEGIN, Choice, Part, Question, hash, parts},
    recorded::Run,
    workspace::Workspace,
};

/// At most this many moments of the run are shown with the right answer; arbitrary.
const SHOWN: usize = 8;

/// A page with at least this many pure sections asks at least this many questions; arbitrary.
const AT_LEAST: usize = 3;

/// Replaces each question of a page with as many lines, so that every other line keeps its number.
pub(crate) fn filled(
    workspace: &Workspace,
    page: &Path,
    text: &str,
    problems: &mut Vec<String>,
) -> String {
    let (mut filled, mut asked) = (String::new(), 0);
    for part in parts(text) {
        match part {
            Part::Line(line) => filled += line,
            Part::Block(number, lines) => {
                asked += 1;
                match form(workspace, page, &lines) {
                    Ok(form) => filled += &form,
                    Err(why) => problems
                        .push(format!("docs/src/{}:{number}: {why:#}", page.display())),
                }
                filled += &"\n".repeat(lines.len() - 1);
            }
        }
        filled += "\n";
    }
    let chapter = workspace.chapters.iter().find(|it| Path::new(&it.page) == page);
    let pure = chapter.map_or(0, |it| it.sections.iter().filter(|it| it.pure).count());
    if pure >= AT_LEAST && asked < AT_LEAST {
        problems.push(format!(
            "docs/src/{}:1: this page asks {asked} questions, ask {AT_LEAST} or more: {BEGIN} NAME …",
            page.display()
        ));
    }
    filled
}

/// The form of a question, in one line.
fn form(workspace: &Workspace, page: &Path, lines: &[&str]) -> Result<String> {
    let question = Question::parse(lines)?;
    let name = question.chapter.as_deref();
    let chapter = workspace.chapter_of(page, name, &question.section)?;
    let run = run(chapter, &question)?;
    let answer = question.query.answer(&run)?;
    let choices = question.choices(&answer.text)?;
    Ok(draw(chapter, &question, &choices, &answer))
}

/// The recorded run about which the question asks.
fn run(chapter: &Chapter, question: &Question) -> Result<Run> {
    let Question { section, settings, .. } = question;
    let known = chapter.section(section)?;
    ensure!(known.pure, "{section} runs in real time, so its runs differ");
    for (knob, _) in settings {
        let knobs: Vec<_> = known.knobs.iter().map(|it| it.name.as_str()).collect();
        let is_known = knobs.contains(&knob.as_str());
        ensure!(is_known, "{section} has no knob {knob}, only {}", knobs.join(" "));
    }
    let path = asked::path(chapter, section, &question.setting());
    let run = Run::open(&path)
        .with_context(|| format!("not recorded: run `just runs {}`", chapter.package))?;
    for knob in &run.knobs {
        if let Some(why) = &knob.refused {
            bail!("{section} refuses this value of {}: {why}", knob.name);
        }
    }
    Ok(run)
}

fn draw(
    chapter: &Chapter,
    question: &Question,
    choices: &[Choice<'_>],
    answer: &Answer,
) -> String {
    let Question { section, ask, query, .. } = question;
    let (package, setting) = (&chapter.package, question.setting());
    let texts: String = choices.iter().map(|it| format!("|{}", it.text)).collect();
    // A changed question is a new one: an answer that a browser has stored belongs to the old one.
    let number = hash(&format!("{setting}{ask}{texts}"));
    let id = format!("predict-{package}-{section}-{number:08x}");
    let (mut radios, mut answers) = (String::new(), String::new());
    let shown = shown(answer, query.is_difference());
    for (number, choice) in choices.iter().enumerate() {
        radios += &radio(&id, number, choice);
        answers += &explanation(number, choice, &shown);
    }
    let at = answer.shown.last().map_or(0, |moment| moment.at);
    format!(
        "<div class=\"prediction\" id=\"{id}\" data-chapter=\"{package}\" \
         data-section=\"{section}\" data-setting=\"{}\" data-at=\"{at}\"><form>\
         <fieldset><legend><span class=\"kind\">Predict</span> {}</legend>\
         <pre><code class=\"language-console\">{}</code></pre>\
         <div class=\"choices\">{radios}</div></fieldset></form>\
         <details><summary>The answer</summary><ul class=\"answers\">{answers}</ul>\
         </details></div>",
        attribute(&setting),
        prose(ask),
        escaped(&command(chapter, question)),
    )
}

fn command(chapter: &Chapter, question: &Question) -> String {
    let mut command = chapter.command(&question.section);
    for (knob, value) in &question.settings {
        let _ = write!(command, " --set {knob}={value}");
    }
    command
}

fn radio(id: &str, number: usize, choice: &Choice<'_>) -> String {
    let text = prose(choice.text);
    format!(
        "<label><input type=\"radio\" name=\"{id}\" value=\"{number}\"> \
         <span>{text}</span></label>"
    )
}

/// Why this choice is right or wrong.
fn explanation(number: usize, choice: &Choice<'_>, shown: &str) -> String {
    let (text, why) = (prose(choice.text), prose(choice.why));
    let (class, word, shown) = match choice.is_right {
        true => ("right", "Right", shown),
        false => ("wrong", "No", ""),
    };
    format!(
        "<li class=\"{class}\" data-choice=\"{number}\"><p><strong>{word}: \
         <span class=\"choice\">{text}</span>.</strong> {why}</p>{shown}</li>"
    )
}

/// The moments of the run that show the answer.
fn shown(answer: &Answer, is_difference: bool) -> String {
    let mut items = String::new();
    for moment in answer.shown.iter().take(SHOWN) {
        let _ = write!(
            items,
            "<li><time>{}</time> <span>{}</span></li>",
            seconds(moment.at).replace(' ', "&nbsp;"),
            escaped(&moment.text)
        );
    }
    let more = answer.shown.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = write!(items, "<li><span>… and {more} more</span></li>");
    }
    let how = if is_difference { ", as the difference of two times" } else { "" };
    format!("<p>The run shows it{how}:</p><ol class=\"shown\">{items}</ol>")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::workspace::{fixture, read};

    /// A run of 20 ms in which the value 99 was refused.
    fn record(refused: &str) -> String {
        format!(
            "{{\"version\":1,\"language\":\"rust\",\"runs\":[{{\"end\":20000,\"knobs\":[{{\"name\":\"n\"{refused}}}],\
             \"lanes\":[{{\"name\":\"a\"}}],\"events\":[\
             {{\"at\":20000,\"lane\":0,\"what\":\"said\",\"text\":\"1 < 2\"}}]}}]}}"
        )
    }

    /// A workspace whose chapter `queues` has the sections `wait`, with the knob `n`, and `real`.
    fn workspace() -> TempDir {
        let sections = "section\twait\tpure\tit waits\ncode\tsrc/wait.rs\nknob\tn\t3\t1..=9\n\
                        section\treal\treal-time\tit is real\ncode\tsrc/real.rs\n";
        let (good, refused) = (record(""), record(",\"refused\":\"n takes 1 to 9\""));
        fixture::with(&[
            ("docs/runs/queues/sections.tsv", sections),
            ("docs/runs/queues/wait.json", &good),
            ("docs/runs/queues/wait@n=1.json", &good),
            ("docs/runs/queues/wait@n=99.json", &refused),
        ])
    }

    /// What a page becomes, or what is wrong with it.
    fn page(name: &str, text: &str) -> Result<String, String> {
        let folder = workspace();
        let workspace = Workspace::open(folder.path()).expect("a workspace");
        let mut problems = Vec::new();
        let page = filled(&workspace, Path::new(name), text, &mut problems);
        if problems.is_empty() { Ok(page) } else { Err(problems.join("\n")) }
    }

    const GOOD: &str = "# Queues\n\n{{#predict wait n=1\nask: When is `<` said?\n\
                        answer: time \"<\"\nbecause: It waits.\nnot: 10 ms | It is slow.\n\
                        not: never | It is long.\n}}\nthe end\n";

    #[test]
    fn a_question_becomes_a_form_in_as_many_lines() {
        let page = page("05-queues.md", GOOD).expect("a good page");
        for part in [
            "data-setting=\"n=1\" data-at=\"20000\"",
            "When is <code>&lt;</code> said?",
            "cargo run -p queues -- wait --set n=1</code>",
            "<span>10 ms</span></label>",
            "Right: <span class=\"choice\">0.020 s</span>.</strong> It waits.",
            "<time>0.020&nbsp;s</time> <span>a 1 &lt; 2</span>",
            "No: <span class=\"choice\">never</span>.</strong> It is long.",
        ] {
            assert!(page.contains(part), "{part} is not in\n{page}");
        }
        assert_eq!(page.lines().count(), GOOD.lines().count(), "{page}");
        assert_eq!(page.lines().nth(9), Some("the end"), "{page}");
        assert_eq!(page.matches("type=\"radio\"").count(), 3, "{page}");
        assert!(!page.contains("{{#predict"), "{page}");
    }

    #[test]
    fn a_page_that_asks_too_little_is_named() {
        let folder = workspace();
        let list = folder.path().join("docs/runs/queues/sections.tsv");
        let section =
            |name| format!("section\t{name}\tpure\tit is\ncode\tsrc/{name}.rs\n");
        fs::write(&list, section("wait") + "knob\tn\t3\t1..=9\n" + &section("a"))
            .expect("a list");
        let asked = |text: &str| {
            let workspace = Workspace::open(folder.path()).expect("a workspace");
            let mut problems = Vec::new();
            filled(&workspace, Path::new("05-queues.md"), text, &mut problems);
            problems
        };
        assert_eq!(asked(GOOD), [""; 0]);
        let two = read(&list).expect("a list");
        fs::write(&list, two + &section("b")).expect("a list");
        assert_eq!(
            asked(&GOOD.repeat(2)),
            ["docs/src/05-queues.md:1: this page asks 2 questions, ask 3 or more: \
              {{#predict NAME …"]
        );
        assert_eq!(asked(&GOOD.repeat(3)), [""; 0]);
    }

    #[test]
    fn a_run_at_the_defaults_needs_no_setting() {
        let text = GOOD.replace("{{#predict wait n=1", "{{#predict queues/wait");
        let page = page("index.md", &text).expect("a good page");
        assert!(page.contains("cargo run -p queues -- wait</code>"), "{page}");
    }

    #[test]
    fn an_answer_that_is_a_difference_of_the_shown_times_is_named_so() {
        let text = GOOD.replace("time \"<\"", "between \"<\" \"2\"");
        let difference = page("05-queues.md", &text).expect("a good page");
        let words = "<p>The run shows it, as the difference of two times:</p>";
        assert!(difference.contains(words), "{difference}");
        let time = page("05-queues.md", GOOD).expect("a good page");
        assert!(time.contains("<p>The run shows it:</p>"), "{time}");
    }

    /// Each message begins with the file and the line of the question.
    #[test]
    fn a_question_about_something_unknown_is_refused() {
        for (old, new, why) in [
            ("wait n=1", "late n=1", "queues has no section late, only wait real"),
            ("wait n=1", "tasks/wait", "there is no chapter tasks"),
            ("wait n=1", "real", "real runs in real time, so its runs differ"),
            ("wait n=1", "wait m=1", "wait has no knob m, only n"),
            ("wait n=1", "wait n=99", "wait refuses this value of n: n takes 1 to 9"),
            ("wait n=1", "wait n=2", "not recorded: run `just runs queues`: "),
            ("time \"<\"", "time \">\"", "no line has \">\""),
            ("10 ms", "20 ms", "the tempting answer \"20 ms\" is right"),
        ] {
            let error = page("05-queues.md", &GOOD.replacen(old, new, 1)).expect_err(new);
            let expected = format!("docs/src/05-queues.md:3: {why}");
            assert!(error.starts_with(&expected), "{error}");
        }
        let error = page("index.md", GOOD).expect_err("a page of no chapter");
        assert_eq!(
            error,
            "docs/src/index.md:3: this page belongs to no chapter: write CHAPTER/wait"
        );
    }
}
