//! A stream stores every message in a file, and has no limit but those that its owner adds.

use async_nats::jetstream::stream::{Config, StorageType};

/// The settings of a stream with these subjects; -1 is no limit.
pub(super) fn unlimited(name: &str, subjects: Vec<String>) -> Config {
    Config {
        name: name.to_owned(),
        subjects,
        storage: StorageType::File,
        max_messages: -1,
        max_bytes: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        num_replicas: 1,
        ..Config::default()
    }
}
