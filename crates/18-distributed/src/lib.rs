//! A queue of jobs that survives its processes, behind one trait with three implementations.
//!
//! | part | what it decides |
//! |---|---|
//! | [`Queue`] | what a process may rely on when it publishes, receives and settles a job |
//! | [`Log`] | which process may continue a history: an append fails if another process has appended |
//! | [`Broker`] | where queues and logs are kept |
//! | [`Embedded`] | the queues and logs of one process, in memory or in a folder |
//! | [`network`] | what becomes of each packet between a client and a broker, in a simulation |
//!
//! The others need sockets, files or processes, and are not on WebAssembly:
//!
//! | part | what it decides |
//! |---|---|
//! | `Postgres` | the queues and logs in a schema of a PostgreSQL server |
//! | `JetStream` | the queues and logs of a NATS server |
//! | `Location` | where a process finds the queues that it shares with others |
//! | `Effects` | how an effect happens once, although its job is delivered twice |
//! | `Child` | how a process is killed at an exact step |
//! | `crawl` | how several processes share a crawl of chapter 14 |
//! | `RecordSender`, `RecordReader` | how a run of several processes becomes one picture |

mod broker;
mod child;
mod clock;
#[cfg(not(target_family = "wasm"))]
pub mod crawl;
mod effects;
mod embedded;
mod error;
#[cfg(not(target_family = "wasm"))]
mod jetstream;
mod location;
mod log;
mod message;
pub mod network;
#[cfg(not(target_family = "wasm"))]
mod postgres;
mod queue;
mod records;
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

#[cfg(not(target_family = "wasm"))]
pub use self::{
    child::{Child, ENDS_WITH_PARENT, Printed, end_with_parent, report_step, stop_at},
    clock::{answer_clock, compare_clocks},
    effects::Effects,
    jetstream::JetStream,
    location::{Folder, Location, LocationError},
    postgres::Postgres,
    records::{RecordError, RecordReader, RecordSender},
};
