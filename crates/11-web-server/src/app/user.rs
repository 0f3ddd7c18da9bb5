//! Every `UserId`, `Name` and `Email` is valid, because only a check can create one.
//!
//! These types do the work of a pydantic model in an asyncio server. serde refuses invalid values
//! while it reads the request, and no later layer checks again.

use std::{fmt, num::NonZeroU32, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::characters::{
    JOINERS, is_hidden, is_mark, is_modifier, is_visible, modifiers_follow_characters,
    nfc,
};

/// A whole number from 1 to 4 294 967 295, in one spelling only. If `007` and `+7` were accepted
/// as `7`, one user would have several URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct UserId(NonZeroU32);

/// 1 to 100 characters in the Unicode form NFC, at least one of them visible, without spaces around them,
/// control characters, line breaks and invisible characters. Persian, Hindi and emoji need the two
/// joiners between other characters, and variation selectors after one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct Name(String);

/// Text, one `@`, text, without spaces and invisible characters, in lower case and in the Unicode form
/// NFC, so that one address has one spelling. Only a mail that arrives can prove more.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Person {
    pub(crate) name: Name,
    pub(crate) email: Email,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Invalid {
    #[error("a user id is a whole number from 1 to {max}, not {0:?}", max = u32::MAX)]
    Id(String),
    #[error(
        "a name is 1 to 100 visible characters without spaces around them, not {0:?}"
    )]
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

impl<'de> Deserialize<'de> for Person {
    /// Accepts an object only. Code that serde derives also accepts an array of the fields, such as
    /// `["Ann", "ann@example.com"]`.
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            name: Name,
            email: Email,
        }

        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the fields name and email")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fields, A::Error> {
                Fields::deserialize(MapAccessDeserializer::new(map))
            }
        }

        let Fields { name, email } = json.deserialize_map(Object)?;
        Ok(Self { name, email })
    }
}

impl TryFrom<String> for Name {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let name = nfc(&text);
        let fits = (1..=100).contains(&name.chars().count())
            && name.trim().trim_matches(JOINERS) == name
            && name.contains(is_visible)
            && !name.starts_with(is_mark)
            && !name.contains(|c| is_hidden(c) && !is_modifier(c))
            && modifiers_follow_characters(&name);
        if fits { Ok(Self(name)) } else { Err(Invalid::Name(text)) }
    }
}

impl TryFrom<String> for Email {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        // Lower case can be decomposed again.
        let email = nfc(&nfc(&text).to_lowercase());
        let is_part = |part: &str| {
            part.contains(is_visible)
                && !part.starts_with(is_mark)
                && part.chars().all(|c| is_visible(c) || (is_mark(c) && !is_hidden(c)))
        };
        // The longest address that mail servers accept has 254 bytes.
        let fits = email.len() <= 254
            && email.split_once('@').is_some_and(|(user, host)| {
                is_part(user) && is_part(host) && !host.contains('@')
            });
        if fits { Ok(Self(email)) } else { Err(Invalid::Email(text)) }
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
    fn a_name_is_visible_and_on_one_line() {
        for text in [
            "Ann",
            "O'Hara-Müller",
            "می\u{200c}خواهم",
            "👩\u{200d}💻",
            "张三",
            "Ann (2)",
            "❤\u{fe0f}\u{200d}🔥",
            "辻\u{e0100}",
        ] {
            assert!(Name::try_from(text.to_owned()).is_ok(), "{text:?} is a valid name");
        }
        for text in [
            "\u{200b}",
            "\u{200d}",
            "\u{3164}",
            "\u{2800}",
            "\u{301}",
            "Ann\u{200d}",
            "A\u{200b}nn",
            "\u{202e}nnA",
            "\u{feff}Ann",
            "A\u{2028}nn",
            "A\u{85}nn",
            "A\u{e000}nn",
            "Ann\u{3164}",
            "Ann\u{34f}",
            "a\u{17b4}",
            "\u{301}Ann",
            "A\u{200d}\u{200d}nn",
            "A \u{200d} n",
            "\u{fe0f}Ann",
        ] {
            assert!(
                Name::try_from(text.to_owned()).is_err(),
                "{text:?} is not a valid name"
            );
        }
    }

    #[test]
    fn a_person_is_an_object_with_both_fields_and_no_others() {
        let person = |json: &str| serde_json::from_str::<Person>(json);
        let ann = r#"{"email": "ann@example.com", "name": "Ann"}"#;
        assert_eq!(person(ann).expect("valid").name.as_str(), "Ann");
        for json in [
            r#"["Ann", "ann@example.com"]"#,
            r#"{"name": "Ann"}"#,
            r#"{"name": "Ann", "email": "ann@example.com", "id": 1}"#,
            r#"{"name": "Ann", "name": "Bob", "email": "ann@example.com"}"#,
            "null",
        ] {
            assert!(person(json).is_err(), "{json} is not a valid person");
        }
        let error = person(r#"["Ann"]"#).expect_err("an array").to_string();
        assert!(error.contains("expected an object with the fields"), "{error}");
    }

    #[test]
    fn an_email_has_text_on_both_sides_of_one_at_sign() {
        assert!(Email::try_from("ann@example.com".to_owned()).is_ok());
        for text in [
            "ann",
            "@example.com",
            "ann@",
            "a@b@c",
            "a b@c",
            "a@b\r\nBcc: c@d",
            "a\u{200b}@b",
            "\u{3164}@\u{3164}",
            "a\u{34f}@b",
            "a\u{fe0f}@b",
            "a\u{200d}b@c",
            "\u{2800}@b",
            "\u{301}@b",
            "a@\u{301}",
        ] {
            assert!(
                Email::try_from(text.to_owned()).is_err(),
                "{text:?} is not a valid address"
            );
        }
    }

    #[test]
    fn one_address_and_one_name_have_one_spelling() {
        let email =
            |text: &str| Email::try_from(text.to_owned()).expect(text).to_string();
        for (one, other) in [
            ("\u{e9}@b", "e\u{301}@b"),
            ("\u{e9}@b", "E\u{301}@B"),
            ("k@b", "\u{212a}@b"),
            ("\u{ac00}@b", "\u{1100}\u{1161}@b"),
        ] {
            assert_eq!(email(one), email(other));
        }
        let name = |text: &str| Name::try_from(text.to_owned()).expect(text);
        assert_eq!(name("Jos\u{e9}"), name("Jose\u{301}"));
    }
}
