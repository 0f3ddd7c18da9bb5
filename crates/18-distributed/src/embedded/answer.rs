//! An answer is sent after the commit, and a failed commit changes it.

use super::{
    change::{Key, Ticket},
    command::{Delivered, Published, Reply},
    failure::Failure,
    state::State,
};
use crate::{AppendError, BrokerError};

/// What a caller gets if the changes that it waits for are committed.
pub(super) enum Answer {
    None,
    Published {
        results: Published,
        reply: Option<Reply<Published>>,
    },
    Delivered {
        queue: Key,
        tickets: Vec<Ticket>,
        reply: Reply<Result<Vec<Delivered>, BrokerError>>,
    },
    Removed {
        reply: Reply<Result<Vec<Delivered>, BrokerError>>,
    },
    Settled {
        /// Whether it has to be stored.
        stored: bool,
        reply: Reply<Result<(), Failure>>,
    },
    Appended {
        result: Result<u64, AppendError>,
        reply: Reply<Result<u64, AppendError>>,
    },
}

impl Answer {
    /// Sends the answer. A caller that does not wait any more does not get it.
    pub(super) fn send(self, committed: &Result<(), Failure>, state: &State) {
        match self {
            Self::None => {}
            Self::Published { mut results, reply } => {
                if let Err(failure) = committed {
                    // A duplicate too: the first message with its id may be of this transaction.
                    let stored = results.iter_mut().filter(|result| result.is_ok());
                    stored.for_each(|result| *result = Err(failure.clone().into()));
                }
                let _ = reply.map(|reply| reply.send(results));
            }
            Self::Delivered { queue, tickets, reply } => {
                let delivered = committed.clone().and_then(|()| {
                    let queue = state.queue(queue)?;
                    Ok(tickets.into_iter().filter_map(|t| queue.delivered(t)).collect())
                });
                let _ = reply.send(delivered.map_err(BrokerError::from));
            }
            Self::Removed { reply } => {
                let _ = reply.send(Err(Failure::Removed.into()));
            }
            Self::Settled { stored, reply } => {
                let _ = reply.send(if stored { committed.clone() } else { Ok(()) });
            }
            Self::Appended { result, reply } => {
                let _ = reply.send(match committed {
                    Err(failure) if result.is_ok() => Err(failure.clone().into()),
                    _ => result,
                });
            }
        }
    }
}
