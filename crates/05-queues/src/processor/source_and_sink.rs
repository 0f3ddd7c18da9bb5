//! Used by `processor`: the source and the sink are traits, so a test can use its own types.

use std::{error::Error, fmt, future::pending, time::Duration};

use async_kit::Millis;
use tokio::time::sleep;

pub(super) type Reading = i32;

// ANCHOR: traits
pub(super) trait Source: Send + 'static {
    /// Returns the next reading, or `None` at the end of the data. A stop drops this future.
    fn next(&mut self) -> impl Future<Output = anyhow::Result<Option<Reading>>> + Send;
}

pub(super) trait Sink: Send + 'static {
    fn store(
        &mut self,
        reading: Reading,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

#[derive(Debug)]
pub(super) enum StoreError {
    /// This reading cannot be stored, but the next one may be.
    BadReading,
    /// The sink cannot store anything any more.
    Broken,
}
// ANCHOR_END: traits

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadReading => "the reading is bad",
            Self::Broken => "the sheet is full",
        })
    }
}

impl Error for StoreError {}

/// Some readings, one every 10 ms. After the last one, `next` never returns.
pub(super) struct Feed<I>(pub(super) I);

impl<I: Iterator<Item = Reading> + Send + 'static> Source for Feed<I> {
    async fn next(&mut self) -> anyhow::Result<Option<Reading>> {
        sleep(10.ms()).await;
        match self.0.next() {
            Some(reading) => Ok(Some(reading)),
            None => pending().await,
        }
    }
}

/// Stores each reading in a free row. A negative reading is a bad reading.
pub(super) struct Sheet {
    pub(super) storing: Duration,
    pub(super) free_rows: usize,
}

impl Sink for Sheet {
    async fn store(&mut self, reading: Reading) -> Result<(), StoreError> {
        sleep(self.storing).await;
        if self.free_rows == 0 {
            return Err(StoreError::Broken);
        }
        if reading < 0 {
            return Err(StoreError::BadReading);
        }
        self.free_rows -= 1;
        Ok(())
    }
}
