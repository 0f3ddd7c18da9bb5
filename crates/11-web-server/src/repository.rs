//! The fake and the database pass the same tests, and only the database keeps users across a
//! restart.
//!
//! asyncio: `mocker.patch` replaces a method with a fixed result, so a test still passes when the
//! real method has changed. Here both types implement `Repository`, so a test that is generic over
//! the trait runs against both.
#![cfg(not(target_family = "wasm"))]

use std::{path::Path, time::Duration};

use async_kit::say;
use tokio::task::JoinSet;

use crate::app::{memory::Memory, repository::Repository, sqlite::Sqlite, user::Person};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The same ten requests to both stores, and the user that the database keeps.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("users.db");
    say!("memory: {}", ten_requests(Memory::default()).await?);
    let sqlite = Sqlite::open(&file, TIMEOUT).await?;
    say!("sqlite: {}", ten_requests(sqlite.clone()).await?);
    sqlite.close().await;
    say!("after a restart, sqlite has {}", first_email(&file).await?);
    Ok(())
}

// ANCHOR: repository
/// Ten concurrent requests add the same address, and one of them succeeds.
async fn ten_requests(store: impl Repository + Clone) -> anyhow::Result<String> {
    let mut requests = JoinSet::new();
    for _ in 0..10 {
        let store = store.clone();
        requests.spawn(async move { store.add(Person::example(1)).await });
    }
    let mut added = 0;
    while let Some(result) = requests.join_next().await {
        added += usize::from(result??.is_some());
    }
    let missing = store.find(2.try_into()?).await?;
    Ok(format!(
        "of 10 requests with one address, {added} succeeds; user 2 is {missing:?}"
    ))
}
// ANCHOR_END: repository

async fn first_email(file: &Path) -> anyhow::Result<String> {
    let sqlite = Sqlite::open(file, TIMEOUT).await?;
    let user = sqlite.find(1.try_into()?).await?;
    sqlite.close().await;
    Ok(user.map_or("no user".into(), |user| user.person.email.to_string()))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::app::user::User;

    async fn sqlite() -> (Sqlite, TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let sqlite = Sqlite::open(&folder.path().join("users.db"), TIMEOUT).await;
        (sqlite.expect("a database"), folder)
    }

    async fn an_added_user_is_found(store: impl Repository) {
        let added = store.add(Person::example(1)).await.expect("it answers");
        assert_eq!(added, Some(User::example(1)));
        let found = store.find(1.try_into().expect("an id")).await.expect("it answers");
        assert_eq!(found, Some(User::example(1)));
    }

    async fn a_user_that_was_not_added_is_not_found(store: impl Repository) {
        let found = store.find(1.try_into().expect("an id")).await.expect("it answers");
        assert_eq!(found, None);
    }

    async fn an_address_in_upper_case_is_the_same_address(store: impl Repository) {
        let person = Person::example(1);
        let upper = person.email.to_string().to_uppercase().try_into().expect("valid");
        let upper = Person { email: upper, ..person.clone() };
        assert!(store.add(person).await.expect("it answers").is_some());
        assert_eq!(store.add(upper).await.expect("it answers"), None);
    }

    async fn two_users_have_two_ids(store: impl Repository) {
        let add = async |number| {
            let added = store.add(Person::example(number)).await.expect("it answers");
            added.expect("the address is free").id
        };
        assert_ne!(add(1).await, add(2).await);
    }

    /// Makes each of these functions a test of each store.
    macro_rules! both_stores {
        ($($test:ident)*) => {
            mod memory {
                $(#[tokio::test]
                async fn $test() {
                    super::$test(super::Memory::default()).await;
                })*
            }

            mod sqlite {
                $(#[tokio::test]
                async fn $test() {
                    let (store, _folder) = super::sqlite().await;
                    super::$test(store).await;
                })*
            }
        };
    }

    both_stores! {
        an_added_user_is_found
        a_user_that_was_not_added_is_not_found
        an_address_in_upper_case_is_the_same_address
        two_users_have_two_ids
    }

    #[tokio::test]
    async fn of_ten_requests_with_the_same_address_one_succeeds() {
        let (store, _folder) = sqlite().await;
        for summary in [ten_requests(store).await, ten_requests(Memory::default()).await]
        {
            let summary = summary.expect("both stores answer");
            assert!(summary.contains("1 succeeds"), "{summary}");
        }
    }

    #[tokio::test]
    async fn the_database_keeps_a_user_across_a_restart() {
        let (store, folder) = sqlite().await;
        store.add(Person::example(1)).await.expect("it answers");
        store.close().await;
        let email = first_email(&folder.path().join("users.db")).await;
        assert_eq!(email.expect("it opens"), "user1@example.com");
    }
}
