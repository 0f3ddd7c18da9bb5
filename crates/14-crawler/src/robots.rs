//! Of the rules that match a path, the longest applies; their order does not matter.
//!
//! This is RFC 9309. Files that do not follow it are read as Google's parser reads them: a name may
//! have a version, a line may lack its colon, and a field may have a frequent typing error.

#[cfg(test)]
mod tests;

use std::time::Duration;

use url::Url;

/// The rules of a site's `robots.txt` for one crawler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

/// The names of two fields, with the typing errors that Google's parser accepts: it is better to obey
/// a rule that is spelt wrongly than to ignore it.
const USER_AGENT: [&[u8]; 3] = [b"user-agent", b"useragent", b"user agent"];
const DISALLOW: [&[u8]; 6] =
    [b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw"];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// In the spelling of [`canonical`]. Every `*` in it is any text.
    pattern: String,
    /// Whether the pattern must match the whole path.
    whole: bool,
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
    /// Lines that are not understood are ignored, as the RFC requires. The text should be UTF-8, but
    /// a path may have any bytes.
    #[must_use]
    pub fn parse(text: impl AsRef<[u8]>, agent: &str) -> Self {
        let groups = groups(text.as_ref());
        let rules_for = |name: &[u8]| {
            let named = groups.iter().filter(|group| group.is_for(name));
            named.map(|group| group.robots.clone()).reduce(Self::merge)
        };
        let named = rules_for(product(agent.as_bytes()));
        named.or_else(|| rules_for(b"*")).unwrap_or_default()
    }

    fn merge(mut self, other: Self) -> Self {
        self.rules.extend(other.rules);
        Self { delay: self.delay.max(other.delay), ..self }
    }

    /// Whether the crawler may request this page. The `robots.txt` itself is always allowed.
    #[must_use]
    pub fn allows(&self, page: &crate::Address) -> bool {
        let path = canonical(path(page.url()).as_bytes(), &mut false);
        if path == "/robots.txt" {
            return true;
        }
        let matching = self.rules.iter().filter(|rule| rule.matches(&path));
        // If two rules are equally long, the one that allows applies.
        matching.max_by_key(|rule| (rule.len(), rule.allow)).is_none_or(|rule| rule.allow)
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

impl Rule {
    /// In a rule, `*` is any text, and a final `$` is the end of the path.
    fn new(path: &[u8], allow: bool) -> Self {
        let (path, whole) = match path.strip_suffix(b"$") {
            Some(path) => (path, true),
            None => (path, false),
        };
        let mut in_query = false;
        let parts = path.split(|byte| *byte == b'*');
        let parts: Vec<_> = parts.map(|part| canonical(part, &mut in_query)).collect();
        Self { pattern: parts.join("*"), whole, allow }
    }

    fn len(&self) -> usize {
        self.pattern.len() + usize::from(self.whole)
    }

    /// Whether it matches the beginning of `path`, or all of it.
    fn matches(&self, path: &str) -> bool {
        let mut parts = self.pattern.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = path.strip_prefix(first) else { return false };
        let mut parts = parts.peekable();
        if self.whole && parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            // The last part must be at the end of the path, wherever else it occurs.
            if self.whole && parts.peek().is_none() {
                return rest.ends_with(part);
            }
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        true
    }
}

/// Writes a path, or a part of one, in one spelling, so that two spellings of a character compare as
/// equal. A character is written as itself if it is allowed in a path and an escape would not change
/// its meaning; any other byte is an escape in capitals. `*` and `$` are always escapes, because a
/// rule has them as operators.
///
/// `in_query` is whether a `?` has separated the query from the path, which changes what `/`, `?`,
/// `&`, `=` and `+` mean.
fn canonical(text: &[u8], in_query: &mut bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, is_escape, after)) = next_byte(rest) {
        let is_plain = match byte {
            b'/' | b'?' => !is_escape || *in_query,
            b'&' | b'=' | b'+' => !is_escape || !*in_query,
            _ => byte.is_ascii_alphanumeric() || b"-._~:@!'(),;[]".contains(&byte),
        };
        if is_plain {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        *in_query |= byte == b'?' && !is_escape;
        rest = after;
    }
    out
}

/// The first byte, whether it is written as an escape, and what follows.
fn next_byte(text: &[u8]) -> Option<(u8, bool, &[u8])> {
    let hex = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    if let [b'%', high, low, after @ ..] = text
        && let (Some(high), Some(low)) = (hex(*high), hex(*low))
    {
        return Some((high << 4 | low, true, after));
    }
    text.split_first().map(|(byte, after)| (*byte, false, after))
}

#[derive(Default)]
struct Group {
    agents: Vec<Vec<u8>>,
    robots: Robots,
    /// A name after a rule begins a new group. A name after another name belongs to the same group,
    /// whatever other lines are between them.
    has_rules: bool,
}

impl Group {
    fn is_for(&self, agent: &[u8]) -> bool {
        self.agents.iter().any(|name| name.eq_ignore_ascii_case(agent))
    }

    fn add_agent(&mut self, name: &[u8]) {
        let name = match name {
            [b'*'] | [b'*', b' ' | b'\t', ..] => b"*",
            _ => product(name),
        };
        if !name.is_empty() {
            self.agents.push(name.to_owned());
        }
    }

    fn add_rule(&mut self, path: &[u8], allow: bool) {
        self.has_rules = true;
        // A rule without a path has no effect.
        if !path.is_empty() {
            self.robots.rules.push(Rule::new(path, allow));
        }
    }
}

/// The name of a crawler without its version: `lamp/1.0` and `lamp (a crawler)` are `lamp`.
fn product(name: &[u8]) -> &[u8] {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let end = name.iter().position(|byte| !is_part(byte));
    &name[..end.unwrap_or(name.len())]
}

fn seconds(value: &[u8]) -> Option<Duration> {
    let seconds = str::from_utf8(value).ok()?.parse::<f64>().ok()?;
    let seconds = Some(seconds).filter(|seconds| seconds.is_finite())?;
    Some(Duration::from_secs_f64(seconds.clamp(0.0, 60.0)))
}

fn groups(text: &[u8]) -> Vec<Group> {
    let mut groups = Vec::<Group>::new();
    for line in without_mark(text).split(|byte| b"\r\n".contains(byte)) {
        let Some((field, value)) = field(line) else { continue };
        if USER_AGENT.contains(&&*field) {
            if groups.last().is_none_or(|group| group.has_rules) {
                groups.push(Group::default());
            }
            groups.last_mut().expect("just made").add_agent(value);
        } else if let Some(group) = groups.last_mut() {
            match &*field {
                b"allow" => group.add_rule(value, true),
                b"crawl-delay" => {
                    group.robots.delay = group.robots.delay.max(seconds(value));
                }
                name if DISALLOW.contains(&name) => group.add_rule(value, false),
                _ => {}
            }
        }
    }
    groups
}

/// Some editors leave only a part of the byte order mark.
fn without_mark(text: &[u8]) -> &[u8] {
    let marks = [&b"\xef\xbb\xbf"[..], b"\xef\xbb", b"\xef"];
    marks.iter().find_map(|mark| text.strip_prefix(*mark)).unwrap_or(text)
}

/// The name of a field in lower case, and its value. Many people forget the colon.
fn field(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let line = line.split(|byte| *byte == b'#').next()?.trim_ascii();
    let colon = line.iter().position(|byte| *byte == b':');
    let words = || line.iter().position(u8::is_ascii_whitespace);
    let (field, value) = line.split_at(colon.or_else(words)?);
    let value = value[1..].trim_ascii();
    let is_field = colon.is_some() || !value.iter().any(u8::is_ascii_whitespace);
    is_field.then(|| (field.trim_ascii().to_ascii_lowercase(), value))
}
