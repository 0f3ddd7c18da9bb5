//! A child finds the location of its parent by its arguments, in which there is no address.

use std::ffi::{OsStr, OsString};

use super::{
    Location, LocationError,
    variable::{NATS, POSTGRES},
};

const POSTGRES_FORM: &str = "postgres";
const JETSTREAM_FORM: &str = "jetstream";

impl Location {
    /// The arguments with which another process [finds](Self::parse) the same location. They contain no
    /// address: the other process reads it from the same variable of its environment.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let on_server = |form: &str, space: &str| {
            ["--form", form, "--space", space].map(OsString::from).into()
        };
        match self {
            Self::Embedded { folder } => vec!["--folder".into(), folder.path().into()],
            Self::Postgres { space, .. } => on_server(POSTGRES_FORM, space),
            Self::JetStream { space, .. } => on_server(JETSTREAM_FORM, space),
        }
    }

    /// Finds the location that arguments name, and returns it with all other arguments:
    ///
    /// - `--folder PATH`
    /// - `--form postgres --space NAME`, with the address in `DATABASE_URL`
    /// - `--form jetstream --space NAME`, with the address in `NATS_URL`
    ///
    /// If they name none, it is the one of the [environment](Self::from_env).
    ///
    /// # Errors
    ///
    /// [`LocationError`].
    pub fn parse(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<(Self, Vec<OsString>), LocationError> {
        let mut others = Vec::new();
        let (mut folder, mut form, mut space) = (None, None, None);
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            // `--form=postgres` is `--form postgres`.
            let text = argument.to_str().unwrap_or_default();
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(OsString::from(value))),
                None => (text, None),
            };
            let option = match name {
                "--folder" => &mut folder,
                "--form" => &mut form,
                "--space" => &mut space,
                _ => {
                    others.push(argument);
                    continue;
                }
            };
            let value = value.or_else(|| arguments.next()).filter(|v| !v.is_empty());
            let value = value.ok_or_else(|| invalid(format!("{name} needs a value")))?;
            if option.replace(value).is_some() {
                return Err(invalid(format!("{name} is given twice")));
            }
        }
        let location = match (folder, form, space) {
            (None, None, None) => Self::from_env()?,
            (Some(folder), None, None) => Self::folder(folder),
            (None, Some(form), Some(space)) => Self::on_server(&form, &space)?,
            _ => {
                let usage = "use --folder PATH, or --form FORM with --space NAME";
                return Err(invalid(usage.to_owned()));
            }
        };
        Ok((location, others))
    }

    fn on_server(form: &OsStr, space: &OsStr) -> Result<Self, LocationError> {
        let Some(space) = space.to_str().filter(|space| is_space(space)) else {
            let rule = "1 to 32 lower-case letters, digits and _, first a letter";
            return Err(invalid(format!("--space {}: use {rule}", space.display())));
        };
        let space = space.to_owned();
        match form.to_str() {
            Some(POSTGRES_FORM) => {
                Ok(Self::Postgres { url: POSTGRES.required(POSTGRES_FORM)?, space })
            }
            Some(JETSTREAM_FORM) => {
                Ok(Self::JetStream { url: NATS.required(JETSTREAM_FORM)?, space })
            }
            _ => {
                let known = format!("use {POSTGRES_FORM} or {JETSTREAM_FORM}");
                Err(invalid(format!("--form {}: {known}", form.display())))
            }
        }
    }
}

fn invalid(why: String) -> LocationError {
    LocationError::Arguments(why)
}

/// Whether it can be a schema and the beginning of a subject, without quotes.
fn is_space(space: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (1..=32).contains(&space.len())
        && space.starts_with(|c: char| c.is_ascii_lowercase())
        && space.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::new_space;

    fn parse(arguments: &[&str]) -> Result<(Location, Vec<OsString>), LocationError> {
        Location::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn the_arguments_of_a_location_lead_another_process_to_it() {
        let location = Location::temporary().expect("a folder");
        let mut arguments = vec!["crawl".into()];
        arguments.extend(location.arguments());
        arguments.push("--fast".into());
        let (found, others) = Location::parse(arguments).expect("a location");
        let Location::Embedded { folder } = &location else { panic!("{location:?}") };
        assert_eq!(found.arguments(), ["--folder".as_ref(), folder.path().as_os_str()]);
        assert_eq!(others, ["crawl", "--fast"]);
        drop(found);
        assert!(folder.path().exists(), "only its owner deletes it");
    }

    #[test]
    fn the_arguments_of_a_server_contain_no_address() {
        let (url, space) = ("nats://ann:secret@host".to_owned(), new_space());
        let locations = [
            (Location::JetStream { url: url.clone(), space: space.clone() }, "jetstream"),
            (Location::Postgres { url, space: space.clone() }, "postgres"),
        ];
        for (location, form) in locations {
            assert_eq!(location.arguments(), ["--form", form, "--space", &space]);
            assert!(!format!("{location:?}").contains("secret"), "{location:?}");
        }
    }

    #[test]
    fn arguments_that_name_no_location_are_refused_with_what_to_do() {
        for (arguments, expected) in [
            (&["--folder"][..], "--folder needs a value"),
            (&["--folder", ""], "--folder needs a value"),
            (&["--folder="], "--folder needs a value"),
            (&["--folder", "a", "--folder", "b"], "--folder is given twice"),
            (&["--folder", "a", "--space", "b"], "use --folder PATH, or --form"),
            (&["--form", "jetstream"], "use --folder PATH, or --form"),
            (&["--space", "a"], "use --folder PATH, or --form"),
            (&["--form", "kafka", "--space", "a"], "use postgres or jetstream"),
            (&["--form", "postgres", "--space", "a;b"], "1 to 32 lower-case letters"),
            (&["--form", "postgres", "--space", "1a"], "first a letter"),
        ] {
            let error = parse(arguments).map(drop).expect_err("no location").to_string();
            assert!(error.contains(expected), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn an_option_may_be_one_argument_or_two() {
        let (location, others) = parse(&["--folder=a=b", "--x=y"]).expect("a location");
        assert_eq!(location.arguments(), ["--folder", "a=b"]);
        assert_eq!(others, ["--x=y"]);
    }

    #[test]
    fn two_namespaces_have_two_names_that_a_child_accepts() {
        let (a, b) = (new_space(), new_space());
        assert_ne!(a, b);
        assert!(is_space(&a), "{a}");
    }
}
