//! An SVG picture is well-formed and to scale, and has a text that describes it.

use async_kit::{
    Lane, Millis, say,
    stage::{Recording, record::KnobInfo, svg},
};
use futures::future::join_all;
use proptest::prelude::*;
use roxmltree::{Document, Node};
use tokio::time::sleep;

use super::{any, programs};

/// The elements of a class, in the order in which they are drawn.
fn of_class<'a, 'i>(picture: &'a Document<'i>, class: &str) -> Vec<Node<'a, 'i>> {
    picture.descendants().filter(|node| node.attribute("class") == Some(class)).collect()
}

fn number(node: &Node<'_, '_>, name: &str) -> f64 {
    let value = node.attribute(name).and_then(|value| value.parse().ok());
    value.unwrap_or_else(|| panic!("no number {name}: {node:?}"))
}

fn tooltip(node: &Node<'_, '_>) -> String {
    let title = node.children().find(|child| child.has_tag_name("title"));
    title.and_then(|title| title.text()).unwrap_or_default().to_owned()
}

#[test]
fn a_job_that_waits_for_a_permit_has_its_bar_where_the_bar_before_it_ends() {
    let recording = programs::recording(programs::semaphore(10, 3));
    let picture = svg::render(&recording, "Ten jobs & three permits");
    let picture = Document::parse(&picture).expect(&picture);
    let bars = of_class(&picture, "hue0");
    let end = number(&bars[0], "x") + number(&bars[0], "width");
    assert!((end - number(&bars[3], "x")).abs() < 0.2, "{end}, {:?}", bars[3]);
    assert_eq!(tooltip(&bars[3]), "holding a permit: 0.20 s to 0.40 s");
    let dots = of_class(&picture, "said");
    assert_eq!(tooltip(&dots[6]), "0.20 s: starts");
    let heading = of_class(&picture, "heading");
    assert_eq!(heading[0].text(), Some("Ten jobs & three permits"));
}

#[test]
fn a_bar_is_covered_where_its_lane_was_woken_and_not_polled() {
    let recording = programs::recording(programs::polled_late());
    let picture = svg::render(&recording, "Polled late");
    let picture = Document::parse(&picture).expect(&picture);
    let covers = of_class(&picture, "unpolled");
    assert_eq!(covers.len(), 2, "one in the row, one in the legend");
    assert_eq!(tooltip(&covers[0]), "woken, not polled: 20 ms to 60 ms");
    let bar = &of_class(&picture, "hue0")[0];
    let ends = [&covers[0], bar].map(|rect| number(rect, "x") + number(rect, "width"));
    assert!((ends[0] - ends[1]).abs() < 0.2, "{ends:?}");
}

#[test]
fn the_picture_states_where_its_time_begins_and_ends() {
    let recording = programs::recording(programs::semaphore(10, 3));
    let picture = svg::render(&recording, "Ten jobs");
    let picture = Document::parse(&picture).expect(&picture);
    let plot = picture.root_element().attribute("data-plot").expect("a plot");
    let plot: Vec<f64> =
        plot.split(' ').map(|it| it.parse().expect("a number")).collect();
    let [from, to, end] = plot[..] else { panic!("{plot:?}") };
    assert_eq!(end, 800_000.0);
    let bars = of_class(&picture, "hue0");
    let (first, last) = (&bars[0], &bars[9]);
    assert_eq!(number(first, "x"), from);
    assert!(
        (number(last, "x") + number(last, "width") - to).abs() < 0.2,
        "{to}, {last:?}"
    );
}

#[test]
fn the_picture_has_a_description_for_screen_readers() {
    let recording = programs::recording(programs::endings());
    let picture = svg::render(&recording, "Endings");
    let picture = Document::parse(&picture).expect(&picture);
    let root = picture.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    assert_eq!(
        root.attribute("aria-label"),
        Some(
            "Endings. 5 lanes in 50 ms: 1 ✓ done, 1 ✗ failed, 1 ⊘ dropped, 1 ∅ never polled, \
             1 → unfinished"
        )
    );
}

#[test]
fn lanes_beyond_forty_are_counted() {
    let recording = programs::recording(programs::semaphore_with_failures(
        100,
        25,
        &[50, 97, 98, 99],
    ));
    let picture = svg::render(&recording, "Many");
    let picture = Document::parse(&picture).expect(&picture);
    let names = of_class(&picture, "name");
    assert_eq!((names.len(), names[36].text()), (40, Some("job-50")));
    let more = &of_class(&picture, "quiet")[0];
    assert_eq!(more.text(), Some("… and 60 more: 60 ✓ done"));
    let (top, axis, rows) = (48.0, 28.0, 41.0 * 26.0);
    assert_eq!(
        number(more, "y"),
        top + axis + rows,
        "it is below the row after the last"
    );
}

/// Each element of the body: its class, the numbers that place it, and its text.
fn placed(picture: &Document<'_>) -> Vec<String> {
    let elements = picture.descendants().filter(|node| node.has_attribute("class"));
    elements.skip(1).map(|node| placed_element(&node)).collect()
}

fn placed_element(node: &Node<'_, '_>) -> String {
    let values = node.attributes().map(|attribute| attribute.value());
    let text = node.text().unwrap_or_default();
    values.chain([text]).collect::<Vec<_>>().join(" ").trim_end().to_owned()
}

/// ```text
///           0ms  10ms 20ms 30ms 40ms 50ms 60ms
/// job       █████████████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒✓
/// loop body      ░░░░░░░░░░░░░░░░░░░░░░░░░✓
/// ```
#[test]
fn the_picture_of_two_lanes_is_exact() {
    let recording = programs::recording(programs::polled_late());
    let picture = svg::render(&recording, "Polled late");
    let picture = Document::parse(&picture).expect(&picture);
    let expected = [
        "card 0.5 0.5 859 181 10",
        "heading 22 34 Polled late",
        "tick 105.7 64 0ms",
        "grid M105.7 72V128",
        "tick 224.8 64 10ms",
        "grid M224.8 72V128",
        "tick 343.8 64 20ms",
        "grid M343.8 72V128",
        "tick 462.9 64 30ms",
        "grid M462.9 72V128",
        "tick 581.9 64 40ms",
        "grid M581.9 72V128",
        "tick 701 64 50ms",
        "grid M701 72V128",
        "tick 820 64 60ms",
        "grid M820 72V128",
        "name 22 93 job",
        "waiting 105.7 87 714.3 4 2",
        "hue0 105.7 82 714.3 14 3",
        "unpolled 343.8 82 476.2 14 3",
        "badge good translate(831 89)",
        "name 22 119 loop body",
        "waiting 224.8 113 595.2 4 2",
        "badge good translate(831 115)",
        "quiet 22.0 162 2 lanes · 60 ms",
        "waiting 145.5 156 15 4 2",
        "quiet 167.5 162 waiting",
        "hue0 235.8 152 15 12 2",
        "quiet 257.8 162 at most 1 asking",
        "unpolled 388.2 152 15 12 2",
        "quiet 410.2 162 woken, not polled",
        "badge good translate(555.5 158)",
        "quiet 569.5 162 2 done",
    ];
    assert_eq!(placed(&picture), expected);
}

#[test]
fn a_run_that_takes_no_time_has_one_tick_of_a_whole_second() {
    let recording = programs::recording(async { say!("hello") }.lane("a"));
    let picture = svg::render(&recording, "No time");
    let picture = Document::parse(&picture).expect(&picture);
    let ticks: Vec<_> = of_class(&picture, "tick").iter().map(|it| it.text()).collect();
    assert_eq!(ticks, [Some("0s")]);
}

/// The height of each step's bar, with its label. Every bar has its middle on the line of the row.
fn heights(recording: &Recording) -> Vec<(String, f64)> {
    let picture = svg::render(recording, "Bars");
    let picture = Document::parse(&picture).expect(&picture);
    let middle = |rect: &Node<'_, '_>| number(rect, "y") + number(rect, "height") / 2.0;
    let line = middle(&of_class(&picture, "waiting")[0]);
    let rects = picture.descendants().filter(|node| node.has_tag_name("rect"));
    let bars = rects.filter_map(|rect| {
        let label = tooltip(&rect).split_once(':')?.0.to_owned();
        assert_eq!(middle(&rect), line, "{rect:?}");
        Some((label, number(&rect, "height")))
    });
    bars.collect()
}

/// ```text
///    0         10         20      30
/// a  ├─ first ─┼─ second ─┼─ next ┤✓
///    ├─────── outer ──────┤
/// ```
#[test]
fn a_bar_is_lower_only_while_another_bar_is_around_it() {
    let recording = programs::recording(
        async {
            let both = async {
                sleep(10.ms()).step("first").await;
                sleep(10.ms()).step("second").await;
            };
            both.step("outer").await;
            sleep(10.ms()).step("next").await;
        }
        .lane("a"),
    );
    let wanted = [("outer", 14.0), ("first", 10.0), ("second", 10.0), ("next", 14.0)];
    let wanted = wanted.map(|(label, height)| (label.to_owned(), height));
    assert_eq!(heights(&recording), wanted);
}

#[test]
fn a_bar_inside_many_others_is_still_visible() {
    let recording = programs::recording(
        async {
            sleep(10.ms()).step("e").step("d").step("c").step("b").step("a").await;
        }
        .lane("a"),
    );
    let heights = heights(&recording);
    let heights: Vec<_> = heights.iter().map(|(_, height)| *height).collect();
    assert_eq!(heights, [14.0, 10.0, 6.0, 4.0, 4.0]);
}

/// The tooltips of the dots in the rows. The last dot is the one in the legend.
fn dots(recording: &Recording) -> Vec<String> {
    let picture = svg::render(recording, "Dots");
    let picture = Document::parse(&picture).expect(&picture);
    let mut dots: Vec<_> = of_class(&picture, "said").iter().map(tooltip).collect();
    assert_eq!(dots.pop().as_deref(), Some(""), "{dots:?}");
    dots
}

/// In a run of this length, a millisecond is a tenth of a unit: `a` leaves 772.7 units for the axis.
const TENTHS: u64 = 7_727;

/// The lines are said at 3, 42 and 82 ms.
#[test]
fn lines_closer_together_than_four_units_share_a_dot() {
    let recording = programs::recording(
        async {
            let mut now = 0;
            for at in [3_u64, 42, 82] {
                sleep((at - now).ms()).await;
                now = at;
                say!("line");
            }
            sleep((TENTHS - now).ms()).await;
        }
        .lane("a"),
    );
    assert_eq!(dots(&recording), ["3 ms: line\n42 ms: line", "82 ms: line"]);
}

#[test]
fn the_tooltip_of_a_dot_shows_eight_lines_and_counts_the_others() {
    let says = |lines: usize| async move { (0..lines).for_each(|n| say!("{n}")) };
    let shown = |lines| dots(&programs::recording(says(lines).lane("a"))).concat();
    let eight: Vec<_> = (0..8).map(|n| format!("0.00 s: {n}")).collect();
    let eight = eight.join("\n");
    assert_eq!(shown(8), eight);
    assert_eq!(shown(9), format!("{eight}\nand 1 more"));
    assert_eq!(shown(11), format!("{eight}\nand 3 more"));
}

/// An entry of the legend: the text, and where it is drawn.
#[derive(Debug)]
struct Entry {
    text: String,
    x: f64,
    y: f64,
}

/// The entries of the legend, and the height of the picture.
fn legend(recording: &Recording) -> (Vec<Entry>, f64) {
    let picture = svg::render(recording, "Legend");
    let picture = Document::parse(&picture).expect(&picture);
    let entry = |node: &Node<'_, '_>| Entry {
        text: node.text().unwrap_or_default().to_owned(),
        x: number(node, "x"),
        y: number(node, "y"),
    };
    let entries = of_class(&picture, "quiet").iter().map(entry).collect();
    (entries, number(&picture.root_element(), "height"))
}

fn texts(recording: &Recording) -> Vec<String> {
    legend(recording).0.into_iter().map(|entry| entry.text).collect()
}

#[test]
fn the_legend_explains_only_the_marks_in_the_picture() {
    assert_eq!(texts(&Recording::default()), ["no lanes · 0.00 s"]);

    let only_a_line = programs::recording(async { say!("hello") }.lane("a"));
    assert_eq!(texts(&only_a_line), ["1 lane · 0.00 s", "said a line", "1 done"]);

    let polled_late = texts(&programs::recording(programs::polled_late()));
    let wanted =
        ["2 lanes · 60 ms", "waiting", "at most 1 asking", "woken, not polled", "2 done"];
    assert_eq!(polled_late, wanted);

    let mut endings = programs::recording(programs::endings());
    endings.lost = 3;
    let knob = |name: &str, value: &str| KnobInfo {
        name: name.into(),
        default: String::new(),
        value: value.into(),
        range: String::new(),
        refused: None,
    };
    endings.knobs = vec![knob("jobs", "5"), knob("size", "2")];
    let wanted = [
        "5 lanes · 50 ms",
        "waiting",
        "at most 1 holding on",
        "at most 1 closing",
        "1 done",
        "1 failed",
        "1 dropped",
        "1 never polled",
        "1 unfinished",
        "knobs jobs=5 size=2",
        "3 events came too late to be kept",
    ];
    assert_eq!(texts(&endings), wanted);
}

/// A lane for each of these steps.
fn steps(labels: impl Iterator<Item = String>) -> Recording {
    let labels: Vec<_> = labels.collect();
    programs::recording(async {
        let step = |label: String| sleep(10.ms()).step(label).lane("a");
        join_all(labels.into_iter().map(step)).await;
    })
}

#[test]
fn the_legend_names_six_kinds_of_step_and_counts_the_others() {
    let named = |count| texts(&steps((0..count).map(|n| format!("step {n}"))));
    assert_eq!(named(6)[7..], ["at most 1 step 5", "6 done"]);
    assert_eq!(named(8)[7..], ["at most 1 step 5", "2 more kinds of step", "8 done"]);
}

/// The legend is 816 units wide, between x = 22 and x = 838. A letter counts 6.9 units, an icon 22, and
/// the gap between two entries 20.
#[test]
fn an_entry_of_the_legend_is_on_the_next_line_only_if_it_does_not_fit() {
    let (entries, height) = legend(&steps((1..=6).map(|n| "long ".repeat(n * 3))));
    let (left, right, icon, gap) = (22.0, 838.0, 22.0, 20.0);
    let end = |entry: &Entry| entry.x + entry.text.chars().count() as f64 * 6.9;
    assert_eq!(entries[0].x, left, "the total has no icon: {entries:#?}");
    for (before, entry) in entries.iter().zip(&entries[1..]) {
        let (x, needed) = (end(before) + gap + icon, end(entry) - entry.x);
        let (x, y) = match x + needed <= right {
            true => (x, before.y),
            false => (left + icon, before.y + 24.0),
        };
        assert!((entry.x - x).abs() < 0.2 && entry.y == y, "({x}, {y}): {entries:#?}");
    }
    let last = entries.last().expect("an entry");
    assert!(last.y > entries[0].y + 24.0, "more than two lines: {entries:#?}");
    assert_eq!(height - last.y, 20.0);
}

/// `2 lanes · 10 ms`, `waiting`, `at most 1 x` and `at most 1 y…` have 100 letters together if there are
/// 57 y. With three icons and three gaps they take 816 units.
#[test]
fn an_entry_of_the_legend_may_end_exactly_at_the_edge() {
    let lines = |letters| {
        let labels = ["x".to_owned(), "y".repeat(letters)];
        let (entries, _) = legend(&steps(labels.into_iter()));
        let [total, .., second, done] = &entries[..] else { panic!("{entries:#?}") };
        assert!(done.y > total.y, "{entries:#?}");
        (second.y - total.y) / 24.0
    };
    assert_eq!((lines(57), lines(58)), (0.0, 1.0));
}

#[test]
fn a_long_entry_of_the_legend_is_cut_to_its_hundred_columns() {
    let texts = texts(&steps(["x".repeat(200)].into_iter()));
    assert_eq!(texts[2], format!("at most 1 {}…", "x".repeat(89)));
}

proptest! {
    // Few cases, because a recording is large, and a bug shows in nearly every recording.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_recording_is_well_formed_and_stays_inside_the_picture(
        recording in any::recording(),
        title in any::text(),
    ) {
        let picture = svg::render(&recording, &title);
        let picture = Document::parse(&picture).expect(&picture);
        let names = of_class(&picture, "name").len();
        prop_assert_eq!(names, recording.lanes.len().min(40));
        if names < recording.lanes.len() {
            let text = of_class(&picture, "quiet")[0].text().unwrap_or_default();
            let more = format!("… and {} more: ", recording.lanes.len() - names);
            prop_assert!(text.starts_with(&more), "{}", text);
        }
        let height = number(&picture.root_element(), "height");
        for rect in picture.descendants().filter(|node| node.has_tag_name("rect")) {
            let right = number(&rect, "x") + number(&rect, "width");
            let bottom = number(&rect, "y") + number(&rect, "height");
            prop_assert!(0.0 <= number(&rect, "x") && right <= 860.0, "{:?}", rect);
            prop_assert!(0.0 <= number(&rect, "y") && bottom <= height, "{:?}", rect);
        }
    }
}
