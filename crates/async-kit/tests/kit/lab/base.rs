//! A base is a lab unless the caller gives an address.

use async_kit::lab::{Lab, LabError};

use super::support::{client, send};

#[tokio::test]
async fn without_an_address_the_base_is_a_running_lab() {
    let base = Lab::or_url(None).await.expect("a free port");
    assert_eq!(send(client().get(base.url("/json"))).await.status(), 200);
    assert_eq!(base.lab().expect("a lab").stats().requests, 1);
}

#[tokio::test]
async fn an_address_is_joined_with_exactly_one_slash() {
    for given in ["http://example.org", "http://example.org/", "http://example.org//"] {
        let base = Lab::or_url(Some(given.to_owned())).await.expect("an address");
        assert!(base.lab().is_none(), "{base:?}");
        for path in ["/json", "json"] {
            assert_eq!(base.url(path), "http://example.org/json", "{given} and {path}");
        }
    }
}

#[tokio::test]
async fn an_address_without_http_is_refused_by_name() {
    for given in ["", "example.org", "ftp://example.org", "httpx://example.org"] {
        let refused = Lab::or_url(Some(given.to_owned())).await.expect_err(given);
        assert!(refused.to_string().contains(&format!("not {given:?}")), "{refused}");
    }
}

#[tokio::test]
async fn a_password_in_an_address_is_not_repeated() {
    let given = "http://ann:secret@example.org".to_owned();
    let refused = Lab::or_url(Some(given)).await.expect_err("it has a password");
    assert!(matches!(refused, LabError::Base(_)), "{refused:?}");
    assert!(!format!("{refused} {refused:?}").contains("secret"), "{refused:?}");
}
