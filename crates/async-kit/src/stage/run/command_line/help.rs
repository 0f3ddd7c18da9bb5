//! The help shows what a reader can type, beginning with the sections there are.

use super::super::{chapter::Chapter, page::Page};

const OPTIONS: [(&str, &str); 9] = [
    ("--list", "the sections and their knobs"),
    ("--fast", "virtual time: no waiting, and the same order every time"),
    ("--threads N", "a runtime of N threads instead of the one-thread runtime"),
    ("--set KNOB=VALUE", "turn a knob of a section; repeatable"),
    ("--timeline WHEN", "auto (the default: on a terminal), always or never"),
    ("--svg DIR", "draw the timeline of each section into DIR/SECTION.svg"),
    ("--trace FILE", "write a trace, which https://ui.perfetto.dev opens"),
    ("--plain", "no colour, no timeline, one line for each thing said"),
    ("-h, --help", "this text"),
];

const URL: (&str, &str) =
    ("--url BASE", "speak to BASE instead of the built-in lab server");

/// Where the explanations stand.
const COLUMN: usize = 22;

/// What the marks of a timeline mean.
const LEGEND: &str = "░ waits · █ in a named step · ▒ woken, not polled · \
    ● says a line · ✓ done · ✗ failed or panicked · ⊘ dropped half-way · \
    ∅ never polled · → still there at the end";

/// What `--help` prints.
pub(in super::super) fn help(chapter: &Chapter, page: &Page) -> String {
    let name = chapter.name;
    let pure = chapter.sections.iter().find(|section| section.is_pure());
    let first = pure.map_or("SECTION", |section| section.name);
    let mut text = page.heading(name, chapter.claim);
    for words in ["[SECTION…] [OPTION…]", &format!("{first} --fast")] {
        let usage = page.wrapped(&format!("cargo run -p {name} -- {words}"));
        text += &format!("\n{usage}");
    }
    text += "\n\n";
    let url = chapter.speaks_http.then_some(URL);
    for (option, meaning) in OPTIONS.into_iter().chain(url) {
        text += &page.entry("   ", option, COLUMN, meaning);
    }
    let names: Vec<_> = chapter.sections.iter().map(|section| section.name).collect();
    text += &format!("\n{}", page.entry("   ", "sections", COLUMN, &names.join(" ")));
    text + &page.entry("   ", "timeline", COLUMN, LEGEND)
}
