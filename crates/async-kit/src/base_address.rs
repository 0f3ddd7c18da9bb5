//! The base address of a server has no credentials, and an error never repeats any.

/// Returns the address without slashes at its end, or what is wrong with it. `http-client` and others
/// print the addresses that they fetch, so a password in one would be printed too.
pub(crate) fn parse(text: &str) -> Result<&str, String> {
    let scheme = ["http://", "https://"].iter().find(|scheme| text.starts_with(**scheme));
    let rest = scheme.map_or(text, |scheme| &text[scheme.len()..]);
    let host = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    if host.contains('@') || (scheme.is_none() && text.contains('@')) {
        return Err("takes an address without a user name and a password".into());
    }
    if scheme.is_none() || host.is_empty() {
        return Err(format!(
            "takes an address such as http://localhost:8080, not {text:?}"
        ));
    }
    // A path cannot follow it, and it may contain a password too.
    if rest.contains(['?', '#']) {
        return Err("takes an address without a query and a fragment".into());
    }
    Ok(text.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_changes_nothing() {
        for text in ["http://localhost:8080", "http://localhost:8080//"] {
            assert_eq!(parse(text), Ok("http://localhost:8080"));
        }
    }

    #[test]
    fn an_address_without_http_is_refused_by_name() {
        let why = "takes an address such as http://localhost:8080, not \"localhost\"";
        assert_eq!(parse("localhost"), Err(why.to_owned()));
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for text in [
            "http://ann:secret@localhost",
            "https://secret@localhost:80/path",
            "http://ann:secret@[::1",
            "ftp://ann:secret@localhost",
            "HTTP://ann:secret@localhost",
            " http://ann:secret@localhost",
            "ann:secret@localhost",
        ] {
            let why = parse(text).expect_err(text);
            assert!(
                why.contains("without a user name") && !why.contains("secret"),
                "{why}"
            );
        }
        let package = "https://example.org/@kit/queue";
        assert_eq!(parse(package), Ok(package), "an @ after the host is no password");
    }

    #[test]
    fn an_address_to_which_no_path_can_be_added_is_refused() {
        for text in ["http://", "https:///", "http:///path"] {
            let why = parse(text).expect_err(text);
            assert!(why.ends_with(&format!("not {text:?}")), "{why}");
        }
        for text in
            ["http://h?password=secret", "http://h/path?key=secret", "http://h#secret"]
        {
            let why = parse(text).expect_err(text);
            assert!(why.contains("without a query") && !why.contains("secret"), "{why}");
        }
    }
}
