//! After a failed attempt, the state of a run gives the delay before the next one, or the final error.

use std::time::Duration;

use super::{
    super::deadline::Deadline,
    backoff::Delays,
    error::{AttemptError, RetryError},
    policy::Policy,
};

/// The state of one run of a policy.
pub(super) struct RetryState<'r, 'a, E> {
    policy: &'r Policy<'a, E>,
    /// The end of the total time, if there is one: most runs have none, and this keeps them cheap.
    deadline: Option<Deadline>,
    /// `None` until the first failure, because most runs have no failure.
    delays: Option<Delays>,
    /// How many attempts were begun.
    pub(super) attempts: u32,
    last: Option<AttemptError<E>>,
}

impl<'r, 'a, E> RetryState<'r, 'a, E> {
    pub(super) fn new(policy: &'r Policy<'a, E>) -> Self {
        if let Some(budget) = &policy.budget {
            budget.deposit();
        }
        Self {
            policy,
            deadline: policy.total.map(Deadline::after),
            delays: None,
            attempts: 0,
            last: None,
        }
    }

    /// The end of the total time; never without one.
    pub(super) fn deadline(&self) -> Deadline {
        self.deadline.unwrap_or_else(Deadline::never)
    }

    /// Returns the delay before the next attempt, or the error of the run if no attempt follows.
    pub(super) fn next_delay(
        &mut self,
        last: AttemptError<E>,
    ) -> Result<Duration, RetryError<E>> {
        let attempts = self.attempts;
        match last {
            AttemptError::Failed(ref error) if self.policy.is_retryable(error) => {}
            AttemptError::TimedOut(_) => {}
            AttemptError::Failed(last) => {
                return Err(RetryError::NotRetryable { attempts, last });
            }
        }
        if attempts >= self.policy.attempts {
            return Err(RetryError::Exhausted { attempts, last });
        }
        let delay = self.delay(&last);
        if !self.leaves_time_after(delay) {
            self.last = Some(last);
            return Err(self.out_of_time());
        }
        // This check is the last one, because a retry that was taken from the budget must be made.
        if self.policy.budget.as_ref().is_some_and(|budget| !budget.try_withdraw()) {
            return Err(RetryError::BudgetSpent { attempts, last });
        }
        if let Some(callback) = &self.policy.on_retry {
            callback(attempts, delay, &last);
        }
        self.last = Some(last);
        Ok(delay)
    }

    /// The backoff grows after every failure, even if a hint replaces its delay.
    fn delay(&mut self, failure: &AttemptError<E>) -> Duration {
        let delays = self.delays.get_or_insert_with(|| self.policy.backoff.delays());
        let delay = delays.next().unwrap_or(Duration::MAX);
        self.policy.hint(failure).unwrap_or(delay)
    }

    fn leaves_time_after(&self, delay: Duration) -> bool {
        let deadline = self.deadline();
        deadline.instant().is_none() || delay < deadline.remaining()
    }

    pub(super) fn out_of_time(&mut self) -> RetryError<E> {
        let attempts = self.attempts;
        let total = self.deadline().budget();
        RetryError::OutOfTime { attempts, total, last: self.last.take() }
    }
}
