//! A queue of jobs that survives its processes, behind one trait with three implementations.
//!
//! | part | what it decides |
//! |---|---|
//! | [`Queue`] | what a process may rely on when it publishes, receives and settles a job |
//! | [`Log`] | who may continue a history: an append fails if another process has appended |
//! | [`Broker`] | where queues and logs are kept |
//! | [`Embedded`] | the queues and logs of one process, in memory or in a folder |

mod broker;
mod embedded;
mod error;
mod log;
mod message;
mod queue;
mod settings;

pub use self::{
    broker::{Broker, Form},
    embedded::Embedded,
    error::{AppendError, BrokerError, PublishError},
    log::{Entry, Log},
    message::{MAX_BODY, Message},
    queue::{Delivery, Queue, Receipt, Settle, Status, Token},
    settings::Settings,
};
