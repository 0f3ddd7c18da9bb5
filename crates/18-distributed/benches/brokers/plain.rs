//! The jobs as plain `async-nats` code publishes and acknowledges them: without ids, retries and dead letters.

use std::{num::NonZeroUsize, time::Duration};

use anyhow::anyhow;
use async_nats::jetstream::{
    self, AckKind, Context, Message,
    consumer::{PullConsumer, pull},
    stream::{self, RetentionPolicy},
};
use futures::{StreamExt, future::try_join_all};

use crate::{
    jobs::{OVER, body},
    store::address,
};

/// Far longer than a batch needs to be filled.
const EXPIRES: Duration = Duration::from_secs(30);

/// A stream and its consumer.
pub(crate) struct Plain {
    context: Context,
    subject: String,
    consumer: PullConsumer,
    /// Whether the server confirms an acknowledgement.
    is_confirmed: bool,
}

impl Plain {
    /// Opens the stream of a namespace, or creates it.
    pub(crate) async fn open(space: &str, is_confirmed: bool) -> anyhow::Result<Self> {
        let client = async_nats::connect(address("NATS_URL")?).await?;
        let context = jetstream::new(client);
        let subject = format!("{space}.plain");
        let config = stream::Config {
            name: format!("{space}+plain"),
            subjects: vec![subject.clone()],
            retention: RetentionPolicy::WorkQueue,
            ..Default::default()
        };
        let stream = context.get_or_create_stream(config).await?;
        let config =
            pull::Config { durable_name: Some("plain".into()), ..Default::default() };
        let consumer = stream.get_or_create_consumer("plain", config).await?;
        Ok(Self { context, subject, consumer, is_confirmed })
    }

    pub(crate) async fn publish(
        &self,
        jobs: usize,
        batch: NonZeroUsize,
    ) -> anyhow::Result<usize> {
        let bodies: Vec<_> = (0..jobs).map(body).collect();
        for batch in bodies.chunks(batch.get()).chain([&[OVER.into()][..]]) {
            let mut sent = Vec::with_capacity(batch.len());
            for body in batch {
                let subject = self.subject.clone();
                sent.push(self.context.publish(subject, body.clone()).await?);
            }
            for ack in sent {
                ack.await?;
            }
        }
        Ok(jobs)
    }

    pub(crate) async fn work_off(&self, batch: NonZeroUsize) -> anyhow::Result<usize> {
        let mut done = 0;
        loop {
            let (jobs, over) = self.receive(batch.get()).await?;
            done += jobs.len();
            self.ack(&jobs).await?;
            if let Some(over) = over {
                over.ack_with(AckKind::Nak(None)).await.map_err(anyhow::Error::msg)?;
                self.context.client().flush().await?;
                return Ok(done);
            }
        }
    }

    /// The jobs of a batch, and the message behind the last job.
    async fn receive(
        &self,
        batch: usize,
    ) -> anyhow::Result<(Vec<Message>, Option<Message>)> {
        let request = self.consumer.batch().max_messages(batch).expires(EXPIRES);
        let mut messages = request.messages().await?;
        let mut jobs = Vec::with_capacity(batch);
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| anyhow!(error))?;
            if message.payload == OVER {
                return Ok((jobs, Some(message)));
            }
            jobs.push(message);
        }
        Ok((jobs, None))
    }

    /// Acknowledges deliveries at the same time.
    pub(crate) async fn ack(&self, jobs: &[Message]) -> anyhow::Result<()> {
        if self.is_confirmed {
            let acks = try_join_all(jobs.iter().map(Message::double_ack));
            return acks.await.map(drop).map_err(anyhow::Error::msg);
        }
        for job in jobs {
            job.ack().await.map_err(anyhow::Error::msg)?;
        }
        Ok(())
    }

    /// This many deliveries, to acknowledge them later.
    pub(crate) async fn deliveries(&self, count: usize) -> anyhow::Result<Vec<Message>> {
        let batch = NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN);
        self.publish(count, batch).await?;
        let mut deliveries = Vec::with_capacity(count);
        while deliveries.len() < count {
            deliveries.extend(self.receive(count - deliveries.len()).await?.0);
        }
        Ok(deliveries)
    }

    /// Waits until everything is sent.
    pub(crate) async fn flush(&self) -> anyhow::Result<()> {
        Ok(self.context.client().flush().await?)
    }
}
