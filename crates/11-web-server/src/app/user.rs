//! Every `UserId`, `Name` and `Email` is valid, because only a check can create one.
//!
//! These types do the work of a pydantic model in an asyncio server. serde refuses invalid values
//! while it reads the request, and no later layer checks again.

use std::{fmt, num::NonZeroU32, str::FromStr};

use serde::{Deserialize, Serialize};

/// A whole number from 1 to 4 294 967 295, in one spelling only. If `007` and `+7` were accepted
/// as `7`, one user would have several URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct UserId(NonZeroU32);

/// 1 to 100 characters, without spaces around them and without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct Name(String);

/// Text, one `@`, text. Only a mail that arrives can prove more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct Email(String);

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct User {
    pub(crate) id: UserId,
    #[serde(flatten)]
    pub(crate) person: Person,
}

/// The data of a user that has no id yet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) name: Name,
    pub(crate) email: Email,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Invalid {
    #[error("a user id is a whole number from 1 to {max}, not {0:?}", max = u32::MAX)]
    Id(String),
    #[error("a name is 1 to 100 characters without spaces around them, not {0:?}")]
    Name(String),
    #[error("an e-mail address is like ann@example.com, not {0:?}")]
    Email(String),
}

impl User {
    /// User 7 is `User 7` with `user7@example.com`, for the sections and their tests.
    pub(crate) fn example(number: u32) -> Self {
        let id = NonZeroU32::new(number).expect("the numbers of examples start at 1");
        Self { id: UserId(id), person: Person::example(number) }
    }
}

impl Person {
    pub(crate) fn example(number: u32) -> Self {
        let email = Email(format!("user{number}@example.com"));
        Self { name: Name(format!("User {number}")), email }
    }
}

impl UserId {
    pub(crate) fn get(self) -> u32 {
        self.0.get()
    }
}

impl TryFrom<i64> for UserId {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        let id = u32::try_from(number).ok().and_then(NonZeroU32::new);
        id.map(Self).ok_or_else(|| Invalid::Id(number.to_string()))
    }
}

impl FromStr for UserId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let id = text.parse().ok().map(Self);
        id.filter(|id| id.to_string() == text).ok_or_else(|| Invalid::Id(text.into()))
    }
}

impl TryFrom<String> for UserId {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl TryFrom<String> for Name {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let fits = (1..=100).contains(&text.chars().count())
            && text.trim() == text
            && !text.contains(char::is_control);
        if fits { Ok(Self(text)) } else { Err(Invalid::Name(text)) }
    }
}

impl TryFrom<String> for Email {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
        // The longest address that mail servers accept.
        let fits = plain && text.len() <= 254;
        match text.split_once('@') {
            Some((user, host))
                if fits
                    && !user.is_empty()
                    && !host.is_empty()
                    && !host.contains('@') =>
            {
                Ok(Self(text))
            }
            _ => Err(Invalid::Email(text)),
        }
    }
}

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Email {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        for text in
            ["", "0", "007", "+7", "-7", "7 ", "7.0", "abc", "张", "٧", "4294967296"]
        {
            assert!(text.parse::<UserId>().is_err(), "{text:?} is not a valid id");
        }
        for text in ["1", "42", "4294967295"] {
            let id = text.parse::<UserId>().expect(text);
            assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn a_name_is_counted_in_characters_and_has_no_outer_spaces() {
        let longest = "张".repeat(100);
        assert!(Name::try_from(longest.clone()).is_ok(), "100 characters, 300 bytes");
        for text in [longest + "张", String::new(), " Ann".into(), "A\nnn".into()] {
            assert!(
                Name::try_from(text.clone()).is_err(),
                "{text:?} is not a valid name"
            );
        }
    }

    #[test]
    fn an_email_has_text_on_both_sides_of_one_at_sign() {
        assert!(Email::try_from("ann@example.com".to_owned()).is_ok());
        for text in ["ann", "@example.com", "ann@", "a@b@c", "a b@c", "a@b\r\nBcc: c@d"] {
            assert!(
                Email::try_from(text.to_owned()).is_err(),
                "{text:?} is not a valid address"
            );
        }
    }
}
