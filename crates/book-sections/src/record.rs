//! A record is what the kit writes about a run: the page shows its lines, and the page's script reads it.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use crate::{
    recorded::Run,
    table::table,
    transcript::{self, Line},
};

/// The one run of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The record as the page has it: its lanes and events are tables.
    page_json: String,
    /// What the program printed.
    pub(crate) lines: Vec<Line>,
}

impl Record {
    /// Reads a record of one run.
    pub(crate) fn parse(json: &str) -> Result<Self> {
        let lines = Run::parse(json)?.lines().into_iter().map(|line| Line {
            seconds: transcript::seconds(line.at),
            text: line.text.trim().to_owned(),
        });
        Ok(Self { page_json: page_json(json)?, lines: lines.collect() })
    }

    /// An element that a script can read, and that is not shown.
    pub(crate) fn script(&self, language: &str) -> String {
        // In a script no end tag may appear, and no comment may begin. The directives of mdBook begin
        // with two braces. Outside of its texts, JSON has none of these.
        let json = self.page_json.replace('<', "\\u003c").replace("{{", "{\\u007b");
        format!(
            "<script type=\"application/json\" class=\"record\" data-language=\"{language}\">\
             {json}</script>"
        )
    }
}

/// All of the record of one run, with its lanes and events as tables.
fn page_json(json: &str) -> Result<String> {
    let mut record: Value = serde_json::from_str(json)?;
    for list in ["lanes", "events"] {
        let list = &mut record["runs"][0][list];
        *list = table(serde_json::from_value(list.take())?);
    }
    Ok(record.to_string())
}

/// Whether two records are of the same run: they have the same lines in the same order, and each lane
/// does the same at the same times. Lanes that do something at the same time may do it in another order,
/// because some of Tokio's primitives wake their waiters in random order: `watch` and `Barrier`.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let lines = |json| Record::parse(json).map(|record| record.lines).ok();
    let by_lane = |json| by_lane(json).ok();
    one == other
        || (lines(one).is_some()
            && lines(one) == lines(other)
            && by_lane(one) == by_lane(other))
}

/// The record with a list of events for each lane, and with a step numbered by its position there.
fn by_lane(json: &str) -> Result<Value> {
    let mut record: Value = serde_json::from_str(json)?;
    let events = &mut record["runs"][0]["events"];
    let mut lanes = BTreeMap::<String, Vec<Value>>::new();
    let mut positions = BTreeMap::new();
    for mut event in serde_json::from_value::<Vec<Value>>(events.take())? {
        let lane = lanes.entry(event["lane"].to_string()).or_default();
        if let Some(step) = event["step"].as_u64() {
            event["step"] = (*positions.entry(step).or_insert(lane.len())).into();
        }
        lane.push(event);
    }
    *events = serde_json::to_value(lanes)?;
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(language: &str, text: &str) -> String {
        format!(
            "{{\"version\":1,\"program\":\"a\",\"language\":\"{language}\",\"runs\":[{{\
             \"end\":1060000,\"knobs\":[],\"lanes\":[{{\"name\":\"job\"}}],\"events\":[\n\
             {{\"at\":0,\"lane\":0,\"what\":\"made\"}},\n\
             {{\"at\":1050999,\"lane\":0,\"what\":\"said\",\"text\":\"{text}\"}},\n\
             {{\"at\":1060000,\"what\":\"said\",\"text\":\"\"}}]}}]}}\n"
        )
    }

    #[test]
    fn a_line_has_its_time_in_milliseconds() {
        let lines = Record::parse(&record("python", " a")).expect("a record").lines;
        let lines: Vec<_> =
            lines.iter().map(|it| (&it.seconds[..], &it.text[..])).collect();
        assert_eq!(lines, [("1.050", "a"), ("1.060", "")]);
    }

    #[test]
    fn two_records_may_differ_in_the_order_of_lanes_at_the_same_time() {
        let event = |lane, what: &str| format!("{{\"at\":5,\"lane\":{lane},{what}}}");
        let steps = |lane, step| {
            let begins = format!("\"what\":\"in\",\"step\":{step},\"label\":\"a\"");
            let ends = format!("\"what\":\"out\",\"step\":{step}");
            [event(lane, &begins), event(lane, &ends)]
        };
        let said = |lane| event(lane, "\"what\":\"said\",\"text\":\"b\"");
        let record = |events: &[String]| {
            format!(
                "{{\"version\":1,\"language\":\"rust\",\"runs\":[{{\"end\":5,\"knobs\":[],\
                 \"lanes\":[{{\"name\":\"x\"}},{{\"name\":\"y\"}}],\"events\":[{}]}}]}}",
                events.join(",")
            )
        };
        let ([begin0, end0], [begin1, end1]) = (steps(0, 8), steps(1, 9));
        let one = record(&[begin0.clone(), begin1, end0.clone(), end1]);
        let ([first1, last1], [first0, last0]) = (steps(1, 8), steps(0, 9));
        let other = record(&[first1, first0, last0, last1]);
        assert!(is_same(&one, &other), "{one} {other}");
        assert!(!is_same(&one, &one.replace("\"at\":5", "\"at\":6")));
        assert!(!is_same(&one, &one.replace("\"x\"", "\"z\"")));
        assert!(!is_same(
            &record(&[begin0.clone(), end0.clone()]),
            &record(&[end0, begin0])
        ));
        assert!(!is_same(&record(&[said(0), said(1)]), &record(&[said(1), said(0)])));
        assert!(!is_same("", "{}"));
    }

    #[test]
    fn no_text_of_a_record_ends_its_script() {
        let text = "</script><!-- & {{#include x}} {{{";
        let record = Record::parse(&record("rust", text)).expect("a record");
        let script = record.script("rust");
        let (start, rest) = script.split_once('>').expect("a tag");
        assert_eq!(
            start,
            "<script type=\"application/json\" class=\"record\" data-language=\"rust\""
        );
        let json = rest.strip_suffix("</script>").expect("an end tag");
        assert!(!json.contains('<') && !json.contains("{{"), "{json}");
        let json: Value = serde_json::from_str(json).expect("JSON");
        let said = "[1,1050999,0,\"</script><!-- & {{#include x}} {{{\",\"said\"]";
        assert_eq!(json["runs"][0]["events"]["rows"][1].to_string(), said);
        let lanes = r#"{"keys":[["name"]],"rows":[[0,"job"]]}"#;
        assert_eq!(json["runs"][0]["lanes"].to_string(), lanes);
        assert_eq!(record.lines[0].text, format!("job {text}"));
    }
}
