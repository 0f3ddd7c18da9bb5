//! A queue of jobs that survives its processes, behind one trait with three implementations.
//!
//! | part | what it decides |
//! |---|---|
//! | [`Queue`] | what a process may rely on when it publishes, receives and settles a job |
//! | [`Log`] | who may continue a history: an append fails if another process has appended |
//! | [`Broker`] | where queues and logs are kept |
//! | `Location` | where a process finds the queues that it shares with others; not on WebAssembly |
//! | `JetStream` | the queues and logs of a NATS server |
//! | `Effects` | how an effect happens once, although its job is delivered twice; not on WebAssembly |
//! | `Child` | how a process is killed at an exact step; not on WebAssembly |
//! | `RecordSender`, `RecordReader` | how a run of several processes becomes one picture; not on WebAssembly |
//! | [`Embedded`] | the queues and logs of one process, in memory or in a folder |
//! | `Postgres` | those in a schema of a PostgreSQL server |
//! | [`network`] | what becomes of each packet between a client and a broker, in a simulation |

mod broker;
mod child;
mod effects;
mod clock;
//! | `crawl` | how several processes share a crawl of chapter 14 |
#[cfg(not(target_family = "wasm"))]
pub mod crawl;
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
    jetstream::JetStream,
    location::{Folder, Location, LocationError},
    postgres::Postgres,
    child::{Child, Printed, report_step, stop_at},
    effects::Effects,
    clock::{answer_clock, compare_clocks},
    records::{RecordError, RecordReader, RecordSender},
};
