//! A result that is larger than a message is sent in parts, and complete when all of them have arrived.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};

/// The content of a part, in bytes. By default, NATS accepts messages of at most 1 MiB, with their headers.
const MAX_CONTENT: usize = 512 * 1024;

/// A part of a content that was split: one line of JSON, and the bytes of the content.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) header: Header,
    content: Bytes,
}

/// Which part it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// What the content belongs to. All its parts have the same id, and no other content has it.
    pub(super) id: String,
    /// The number of the part, from 0.
    pub(super) part: u32,
    /// How many parts there are.
    of: u32,
}

/// Splits a content into the parts to send, at least one.
pub(super) fn split(id: &str, content: &[u8]) -> Vec<Bytes> {
    let of = content.len().div_ceil(MAX_CONTENT).max(1);
    let of = u32::try_from(of).expect("a content fits into memory");
    let parts = (0..of).zip(content.chunks(MAX_CONTENT).chain([&[][..]]));
    let part = |(part, content): (u32, &[u8])| {
        let header = Header { id: id.to_owned(), part, of };
        let header = serde_json::to_vec(&header).expect("plain data");
        let mut body = BytesMut::with_capacity(header.len() + 1 + content.len());
        body.extend_from_slice(&header);
        body.extend_from_slice(b"\n");
        body.extend_from_slice(content);
        body.freeze()
    };
    parts.map(part).collect()
}

impl Part {
    /// Reads a part, or returns `None` if the bytes are none.
    pub(super) fn decode(body: &Bytes) -> Option<Self> {
        let end = body.iter().position(|byte| *byte == b'\n')?;
        let header: Header = serde_json::from_slice(&body[..end]).ok()?;
        let content = body.slice(end + 1..);
        (header.part < header.of).then_some(Self { header, content })
    }
}

/// The parts of one content that have arrived, in any order.
#[derive(Debug, Default)]
pub(super) struct Assembly(BTreeMap<u32, Bytes>);

impl Assembly {
    /// Adds a part, and returns the content if it is complete. A second copy of a part changes nothing.
    pub(super) fn add(&mut self, part: Part) -> Option<Bytes> {
        let of = part.header.of as usize;
        self.0.insert(part.header.part, part.content);
        if self.0.len() < of {
            return None;
        }
        let mut parts = std::mem::take(&mut self.0).into_values();
        if of == 1 {
            return parts.next();
        }
        Some(parts.flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n % 251) as u8).collect()
    }

    #[test]
    fn a_content_arrives_whole_in_whatever_order_and_however_often_its_parts_do() {
        for (length, parts) in
            [(0, 1), (1, 1), (MAX_CONTENT, 1), (MAX_CONTENT + 1, 2), (3 * MAX_CONTENT, 3)]
        {
            let content = content(length);
            let bodies = split("1.7", &content);
            assert_eq!(bodies.len(), parts, "{length}");
            assert!(bodies.iter().all(|body| body.len() <= MAX_CONTENT + 100));
            let mut assembly = Assembly::default();
            let arriving = bodies.iter().skip(1).chain(bodies.iter().skip(1));
            for body in arriving {
                let part = Part::decode(body).expect("a part");
                assert_eq!(part.header.id, "1.7");
                assert_eq!(assembly.add(part), None);
            }
            let last = Part::decode(&bodies[0]).expect("a part");
            assert!(assembly.add(last).is_some_and(|whole| whole == content), "{length}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_of_a_stranger_are_mistaken_for_a_part_or_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            prop_assert!(Part::decode(&Bytes::from(bytes)).is_none());
        }
    }

    #[test]
    fn a_header_that_no_process_writes_is_no_part() {
        for text in [
            "",
            "{}",
            "{}\n",
            "{\"id\":\"1\",\"part\":0,\"of\":1}",
            "{\"id\":\"1\",\"part\":1,\"of\":1}\n",
            "{\"id\":\"1\",\"part\":0,\"of\":0}\n",
            "{\"id\":\"1\",\"part\":-1,\"of\":1}\n",
            "{\"id\":7,\"part\":0,\"of\":1}\n",
        ] {
            assert!(Part::decode(&Bytes::from(text)).is_none(), "{text}");
        }
    }
}
