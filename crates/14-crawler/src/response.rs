//! A response is a page, a redirect, or something that the crawl does not want.

use serde::{Deserialize, Serialize};

use crate::{
    Address,
    outcome::{Fetched, Skip},
};

/// What a server returned for an address. It can be sent to another process, which then decides what
/// to request next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// A page, and the targets of its links.
    Page(Fetched, Vec<Address>),
    /// A redirect to another address.
    Moved(Address),
    /// Something that the crawl does not want.
    Unwanted(Skip),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_response_arrives_in_another_process_as_it_was() {
        let address = |text| Address::parse(text).expect("an address");
        let page = Fetched { title: Some("a \"b\"\n".into()), bytes: 7, file: None };
        for response in [
            Response::Page(page, vec![address("http://h/a"), address("http://i/?%7e")]),
            Response::Moved(address("http://h/b")),
            Response::Unwanted(Skip::NotHtml("image/png".into())),
        ] {
            let json = serde_json::to_string(&response).expect("JSON");
            let read: Response = serde_json::from_str(&json).expect("a response");
            assert_eq!(read, response, "{json}");
        }
    }
}
