//! Of the rules that match a path, the longest applies; their order does not matter.
//!
//! This is RFC 9309. Python's `urllib.robotparser` is older: it uses the first rule that matches,
//! and does not support `*` and `$`.

use std::time::Duration;

use url::Url;

use crate::address::normalise_escapes;

/// The rules of a site's `robots.txt` for one crawler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: String,
    allow: bool,
}

impl Robots {
    /// The rules of a site without a `robots.txt`: everything is allowed.
    #[must_use]
    pub fn allow_all() -> Self {
        Self::default()
    }

    /// Parses the groups that name `agent`, or, if none does, those for every crawler (`*`).
    ///
    /// Lines that are not understood are ignored, as the RFC requires.
    #[must_use]
    pub fn parse(text: &str, agent: &str) -> Self {
        let groups = groups(text);
        let rules_for = |name: &str| {
            let named = groups.iter().filter(|group| group.is_for(name));
            named.map(|group| group.robots.clone()).reduce(Self::merge)
        };
        rules_for(agent).or_else(|| rules_for("*")).unwrap_or_default()
    }

    fn merge(mut self, other: Self) -> Self {
        self.rules.extend(other.rules);
        Self { delay: self.delay.max(other.delay), ..self }
    }

    /// Whether the crawler may request this page.
    #[must_use]
    pub fn allows(&self, page: &crate::Address) -> bool {
        let path = path(page.url());
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, path));
        // If two rules are equally long, the one that allows applies.
        matching
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|r| r.allow)
    }

    /// The `Crawl-delay` between two requests, if the site sets one. It is limited to a minute,
    /// because a site may ask for a year.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.delay
    }
}

/// Everything after the host, which the rules are matched with.
fn path(url: &Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}

/// Whether the beginning of a path matches `pattern`: `*` is any text, and a final `$` is the end
/// of the path.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if whole && parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        // The last part must be at the end of the path, wherever else it occurs.
        if whole && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[derive(Default)]
struct Group {
    agents: Vec<String>,
    robots: Robots,
    /// A name after a rule begins a new group. A name after another name belongs to the same group.
    has_rules: bool,
}

impl Group {
    fn is_for(&self, agent: &str) -> bool {
        self.agents.iter().any(|name| name.eq_ignore_ascii_case(agent))
    }

    fn read(&mut self, field: &str, value: &str) {
        let rule = |allow| Rule { pattern: normalise_escapes(value).into_owned(), allow };
        match field {
            // A rule without a path has no effect.
            "allow" | "disallow" if value.is_empty() => {}
            "allow" => self.robots.rules.push(rule(true)),
            "disallow" => self.robots.rules.push(rule(false)),
            "crawl-delay" => self.robots.delay = seconds(value),
            _ => return,
        }
        self.has_rules = true;
    }
}

fn seconds(value: &str) -> Option<Duration> {
    let seconds = value.parse::<f64>().ok().filter(|seconds| seconds.is_finite())?;
    Some(Duration::from_secs_f64(seconds.clamp(0.0, 60.0)))
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups = Vec::<Group>::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.split('#').next().unwrap_or_default();
        let Some((field, value)) = line.split_once(':') else { continue };
        let (field, value) = (field.trim().to_ascii_lowercase(), value.trim());
        if field == "user-agent" {
            if groups.last().is_none_or(|group| group.has_rules) {
                groups.push(Group::default());
            }
            groups.last_mut().expect("just made").agents.push(value.to_owned());
        } else if let Some(group) = groups.last_mut() {
            group.read(&field, value);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Address;

    fn allows(text: &str, path: &str) -> bool {
        let page = Address::parse(&format!("http://h{path}")).expect("an address");
        Robots::parse(text, "lamp").allows(&page)
    }

    #[test]
    fn without_rules_everything_is_allowed() {
        for text in ["", "# nothing", "Disallow: /", "User-agent: *\nDisallow:\n"] {
            assert!(allows(text, "/private/"), "{text:?}");
        }
    }

    #[test]
    fn the_longest_rule_decides_whatever_their_order() {
        for text in [
            "User-agent: *\nDisallow: /a\nAllow: /a/b\n",
            "User-agent: *\nAllow: /a/b\nDisallow: /a\n",
        ] {
            assert!(!allows(text, "/a/c"), "{text:?}");
            assert!(allows(text, "/a/b/c"), "{text:?}");
        }
        assert!(allows("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a"));
    }

    #[test]
    fn a_group_that_names_the_crawler_replaces_the_group_for_all() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-agent: LAMP\n\
                    Disallow: /no\n\nUser-agent: lamp\nDisallow: /never\n";
        assert!(allows(text, "/yes"));
        assert!(!allows(text, "/no"));
        assert!(!allows(text, "/never"), "both groups that name it apply");
    }

    #[test]
    fn a_star_is_any_text_and_a_dollar_is_the_end() {
        let text = "User-agent: *\nDisallow: /*.pdf$\nDisallow: /*/draft\nDisallow: /$\n";
        for (path, allowed) in [
            ("/", false),
            ("/a.pdf", false),
            ("/a.pdf.pdf", false),
            ("/a.pdf?x", true),
            ("/a/draft/1", false),
            ("/draft", true),
        ] {
            assert_eq!(allows(text, path), allowed, "{path}");
        }
    }

    #[test]
    fn a_rule_may_match_the_query() {
        assert!(!allows("User-agent: *\nDisallow: /*?sort=\n", "/list?sort=up"));
    }

    #[test]
    fn a_delay_of_a_year_is_limited_to_a_minute() {
        let delay = |value| {
            let text = format!("User-agent: *\nCrawl-delay: {value}\n");
            Robots::parse(&text, "lamp").delay()
        };
        assert_eq!(delay("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(delay("31536000"), Some(Duration::from_secs(60)));
        assert_eq!(delay("-1"), Some(Duration::ZERO));
        assert_eq!(delay("soon"), None);
    }
}
