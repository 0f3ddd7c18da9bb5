//! The fake and the database keep the same promises, because the same tests hold both to them.
//!
//! asyncio: `mocker.patch` replaces a method by an answer, so a test passes long after the real
//! method has changed. Here both are a `Repository`, and whoever is generic over it cannot tell
//! them apart, except that one of them remembers.

use std::{path::Path, time::Duration};

use async_kit::say;
use tokio::task::JoinSet;

use crate::app::{memory::Memory, repository::Repository, sqlite::Sqlite, user::Person};

const PATIENCE: Duration = Duration::from_secs(10);

/// The same story with both stores, and what is left of it afterwards.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("users.db");
    say!("memory: {}", story(Memory::default()).await?);
    let sqlite = Sqlite::open(&file, PATIENCE).await?;
    say!("sqlite: {}", story(sqlite.clone()).await?);
    sqlite.close().await;
    say!("opened again, sqlite has {}", remembered(&file).await?);
    Ok(())
}

// ANCHOR: repository
/// Ten requests add the same address at once; whoever comes first has it.
async fn story(store: impl Repository + Clone) -> anyhow::Result<String> {
    let mut requests = JoinSet::new();
    for _ in 0..10 {
        let store = store.clone();
        requests.spawn(async move { store.add(Person::example(1)).await });
    }
    let mut added = 0;
    while let Some(answer) = requests.join_next().await {
        added += usize::from(answer??.is_some());
    }
    let missing = store.find(2.try_into()?).await?;
    Ok(format!("ten add the same address, {added} succeeds; user 2 is {missing:?}"))
}
// ANCHOR_END: repository

async fn remembered(file: &Path) -> anyhow::Result<String> {
    let sqlite = Sqlite::open(file, PATIENCE).await?;
    let user = sqlite.find(1.try_into()?).await?;
    sqlite.close().await;
    Ok(user.map_or("nobody".into(), |user| user.person.email.to_string()))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::app::user::User;

    async fn sqlite() -> (Sqlite, TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let sqlite = Sqlite::open(&folder.path().join("users.db"), PATIENCE).await;
        (sqlite.expect("a database"), folder)
    }

    async fn what_was_added_is_found(store: impl Repository) {
        let added = store.add(Person::example(1)).await.expect("it answers");
        assert_eq!(added, Some(User::example(1)));
        let found = store.find(1.try_into().expect("an id")).await.expect("it answers");
        assert_eq!(found, Some(User::example(1)));
    }

    async fn what_was_not_added_is_not_found(store: impl Repository) {
        let found = store.find(1.try_into().expect("an id")).await.expect("it answers");
        assert_eq!(found, None);
    }

    async fn an_address_has_one_owner_in_any_spelling(store: impl Repository) {
        let person = Person::example(1);
        let shouted = person.email.to_string().to_uppercase().try_into().expect("valid");
        let shouted = Person { email: shouted, ..person.clone() };
        assert!(store.add(person).await.expect("it answers").is_some());
        assert_eq!(store.add(shouted).await.expect("it answers"), None);
    }

    async fn two_users_have_two_ids(store: impl Repository) {
        let add = async |number| {
            let added = store.add(Person::example(number)).await.expect("it answers");
            added.expect("the address is free").id
        };
        assert_ne!(add(1).await, add(2).await);
    }

    /// Each promise is a test of each store.
    macro_rules! both_stores {
        ($($promise:ident)*) => {
            mod memory {
                $(#[tokio::test]
                async fn $promise() {
                    super::$promise(super::Memory::default()).await;
                })*
            }

            mod sqlite {
                $(#[tokio::test]
                async fn $promise() {
                    let (store, _folder) = super::sqlite().await;
                    super::$promise(store).await;
                })*
            }
        };
    }

    both_stores! {
        what_was_added_is_found
        what_was_not_added_is_not_found
        an_address_has_one_owner_in_any_spelling
        two_users_have_two_ids
    }

    #[tokio::test]
    async fn of_ten_who_add_the_same_address_one_succeeds() {
        let (store, _folder) = sqlite().await;
        for story in [story(store).await, story(Memory::default()).await] {
            let story = story.expect("both answer");
            assert!(story.contains("1 succeeds"), "{story}");
        }
    }

    #[tokio::test]
    async fn the_database_remembers_over_a_restart() {
        let (store, folder) = sqlite().await;
        store.add(Person::example(1)).await.expect("it answers");
        store.close().await;
        let email = remembered(&folder.path().join("users.db")).await;
        assert_eq!(email.expect("it opens"), "user1@example.com");
    }
}
