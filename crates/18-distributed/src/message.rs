//! A message is bytes with an id and a key, because it leaves the process.

use bytes::Bytes;

/// What a publisher sends. In a process an item can be any value; between processes it is bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Two messages with the same id within
    /// [`Settings::dedup_window`](crate::Settings::dedup_window) are stored once. A message without an
    /// id is never a duplicate. At most 200 bytes, of printable ASCII.
    pub id: Option<String>,
    /// Messages with the same key are in the same partition. Without a key, the partition is 0. At most
    /// 200 bytes, of printable ASCII.
    pub key: Option<String>,
    /// The content.
    pub body: Bytes,
}

impl Message {
    /// A message with this content, and neither id nor key.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self { id: None, key: None, body: body.into() }
    }

    /// The same message with an id.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// The same message with a key.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// The partition that its key selects, below `partitions`. Every process computes the same one, with
    /// 32-bit FNV-1a: the hash of the standard library may change with each version.
    #[must_use]
    pub fn partition(&self, partitions: usize) -> usize {
        let Some(key) = &self.key else { return 0 };
        let step = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        key.bytes().fold(0x811c_9dc5, step) as usize % partitions
    }
}
