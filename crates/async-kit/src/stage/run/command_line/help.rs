//! The help lists everything that a reader can type: the options, and the sections of the chapter.

use super::super::{contents::Contents, page::Page};

const OPTIONS: [(&str, &str); 11] = [
    ("--all", "every section without a prompt"),
    ("--list", "the sections and their knobs"),
    ("--fast", "virtual time: no waiting, and the same order every time"),
    ("--threads N", "a runtime of N threads (1 to 256); not with --fast"),
    ("--set KNOB=VALUE", "set a knob of a section; may be repeated"),
    ("--timeline WHEN", "auto (the default: on a terminal), always or never"),
    ("--svg DIR", "draw the timeline of each section into DIR/SECTION.svg"),
    ("--trace FILE", "write a trace, which https://ui.perfetto.dev opens"),
    ("--record FILE", "write what was recorded of each run, as JSON"),
    ("--plain", "no prompt, colour or timeline; one line for each `say!`"),
    ("-h, --help", "this text"),
];

const URL: (&str, &str) =
    ("--url BASE", "send requests to BASE instead of the built-in lab server");

/// The long name of every option.
pub(super) fn option_names() -> impl Iterator<Item = &'static str> {
    let words =
        OPTIONS.into_iter().chain([URL]).flat_map(|(option, _)| option.split(' '));
    words.filter(|word| word.starts_with("--"))
}

/// The column in which the explanations begin.
const COLUMN: usize = 22;

/// What the marks of a timeline mean.
pub(in crate::stage::run) const LEGEND: [&str; 9] = [
    "░ waits",
    "█ in a named step",
    "▒ woken, not polled",
    "● says a line",
    "✓ done",
    "✗ failed or panicked",
    "⊘ dropped before its end: cancelled",
    "∅ never polled",
    "→ unfinished when the section ended",
];

/// What `--help` prints.
pub(in crate::stage::run) fn help(contents: &Contents, page: &Page) -> String {
    let name = contents.name;
    let pure = contents.sections.iter().find(|section| section.is_pure());
    let first = pure.map_or("SECTION", |section| section.name);
    let mut text = page.heading(name, contents.claim);
    for arguments in ["[SECTION…] [OPTION…]", &format!("{first} --fast")] {
        let usage = page.wrapped(&format!("cargo run -p {name} -- {arguments}"));
        text += &format!("\n{usage}");
    }
    text += "\n\n";
    let url = contents.speaks_http.then_some(URL);
    for (option, meaning) in OPTIONS.into_iter().chain(url) {
        text += &page.entry("   ", option, COLUMN, meaning);
    }
    let names: Vec<_> = contents.sections.iter().map(|section| section.name).collect();
    text += &format!("\n{}", page.entry("   ", "sections", COLUMN, &names.join(" ")));
    text + &page.entry("   ", "timeline", COLUMN, &LEGEND.join(" · "))
}
