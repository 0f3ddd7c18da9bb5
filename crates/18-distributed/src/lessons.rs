//! Each section of the chapter shows one property of a queue that several processes share.

pub(crate) mod crawl;
pub(crate) mod drain;
pub(crate) mod durable;
pub(crate) mod effects;
pub(crate) mod order;
pub(crate) mod pressure;
pub(crate) mod redelivery;
pub(crate) mod simulate;
pub(crate) mod watch;

mod children;
pub(crate) mod namespace;
pub(crate) mod until;
