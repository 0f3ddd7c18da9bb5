//! A message is bytes that may have an id and a key: no value of a Rust type leaves the process.

use bytes::Bytes;

use crate::PublishError;

/// The largest body in bytes that the embedded queue and PostgreSQL accept. A NATS server has its own limit,
/// whose default is the same number, headers included.
pub const MAX_BODY: usize = 1024 * 1024;

/// How many bytes an id or a key may have. Arbitrary: enough for a hash, a UUID or a short address.
const MAX_NAME: usize = 200;

/// What a publisher sends. In a process an item can be any value; between processes it is bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Two messages with the same id within
    /// [`Settings::dedup_window`](crate::Settings::dedup_window) are stored once. A message without an
    /// id is never a duplicate. 1 to 200 bytes, of printable ASCII without spaces.
    pub id: Option<String>,
    /// Messages with the same key are in the same partition. Without a key, the partition is 0. 1 to
    /// 200 bytes, of printable ASCII without spaces.
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

    /// Refuses what a broker could not store.
    pub(crate) fn check(&self, limit: usize) -> Result<(), PublishError> {
        check_name("id", self.id.as_deref())?;
        check_name("key", self.key.as_deref())?;
        match self.body.len() {
            size if size > limit => Err(PublishError::TooLarge { size, limit }),
            _ => Ok(()),
        }
    }
}

fn check_name(what: &str, name: Option<&str>) -> Result<(), PublishError> {
    let Some(name) = name else { return Ok(()) };
    if (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
    {
        return Ok(());
    }
    let why = format!("its {what} has not 1 to {MAX_NAME} printable ASCII characters");
    Err(PublishError::Refused(why))
}
