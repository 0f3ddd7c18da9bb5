use async_kit::stage::{Recording, svg};
use proptest::prelude::*;
use roxmltree::{Document, Node};

use crate::{any, plays};

fn texts<'a>(picture: &'a Document<'_>, class: &str) -> Vec<&'a str> {
    let nodes =
        picture.descendants().filter(|node| node.attribute("class") == Some(class));
    nodes.filter_map(|node| node.text()).collect()
}

#[test]
fn show() {
    for (name, recording) in [
        ("semaphore", plays::recording(plays::semaphore(10, 3))),
        ("many", plays::recording(plays::semaphore_with_failures(100, 25, &[40, 99]))),
        ("fates", plays::recording(plays::fates())),
        ("three", plays::recording(plays::three_jobs())),
    ] {
        std::fs::write(format!("/tmp/render-{name}.svg"), svg::render(&recording, name))
            .unwrap();
    }
}
