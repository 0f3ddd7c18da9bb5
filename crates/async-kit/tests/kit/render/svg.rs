//! An SVG picture is well-formed and to scale, and has a text that describes it.

use async_kit::stage::svg;
use proptest::prelude::*;
use roxmltree::{Document, Node};

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
    assert_eq!(of_class(&picture, "quiet")[0].text(), Some("… and 60 more: 60 ✓ done"));
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
