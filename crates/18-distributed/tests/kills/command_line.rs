//! Wrong input ends with exit code 1 and a message that names what to do, without the password.

use std::{net::TcpListener, process::Output, time::Duration};

use async_kit::TimeLimit;
use tokio::process::Command;

/// Runs the program with these variables, and no other that names a server.
async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_distributed"));
    command.args(arguments).env_remove("NATS_URL").env_remove("DATABASE_URL");
    let command = command.envs(variables.iter().copied()).kill_on_drop(true);
    let ended = command.output().within(Duration::from_secs(60)).await;
    ended.expect("it ends").expect("it starts")
}

fn text(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// The address of a port of this machine on which no server listens.
fn no_server(scheme: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    format!("{scheme}://ann:secret@127.0.0.1:{port}/shop")
}

#[tokio::test]
async fn wrong_arguments_of_a_child_are_named() {
    for (arguments, expected) in [
        (&["worker", "--form", "kafka", "--space", "a"][..], "kafka"),
        (&["worker", "--stop-at=sometimes"], "sometimes"),
        (&["publisher", "--stop-at=sometimes"], "sometimes"),
        (&["worker", "--takes-ms=soon"], "--takes-ms"),
        (&["publisher", "--last=many"], "--last"),
        (&["worker", "--quick"], "--quick"),
        (&["worker", "letters"], "letters"),
        (&["worker", "--queue=a b"], "a b"),
    ] {
        let ended = run(arguments, &[]).await;
        let printed = text(&ended);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {printed}");
        assert!(printed.starts_with("error: "), "{arguments:?}: {printed}");
        assert!(printed.contains(expected), "{arguments:?}: {printed}");
    }
}

#[tokio::test]
async fn without_the_server_that_is_named_every_section_fails_and_prints_no_password() {
    for (variable, scheme) in [("NATS_URL", "nats"), ("DATABASE_URL", "postgres")] {
        let address = no_server(scheme);
        for section in ["durable", "pressure"] {
            let ended = run(&[section], &[(variable, &address)]).await;
            let printed = text(&ended);
            assert_eq!(ended.status.code(), Some(1), "{variable}, {section}: {printed}");
            assert!(printed.contains("127.0.0.1"), "{variable}, {section}: {printed}");
            // What to do: correct the variable.
            assert!(printed.contains(variable), "{variable}, {section}: {printed}");
            assert!(!printed.contains("secret"), "{variable}, {section}: {printed}");
        }
    }
}

#[tokio::test]
async fn an_invalid_address_is_reported_with_the_name_of_its_variable() {
    for (variable, address) in [
        ("NATS_URL", "ann:secret@host"),
        ("DATABASE_URL", "mysql://ann:secret@host/shop"),
    ] {
        let ended = run(&["order"], &[(variable, address)]).await;
        let printed = text(&ended);
        assert_eq!(ended.status.code(), Some(1), "{printed}");
        assert!(printed.contains(variable), "{printed}");
        assert!(!printed.contains("secret"), "{printed}");
    }
}

#[tokio::test]
async fn an_empty_variable_names_no_server() {
    let ended = run(&["pressure"], &[("NATS_URL", ""), ("DATABASE_URL", "")]).await;
    let printed = text(&ended);
    assert!(ended.status.success(), "{printed}");
    assert!(printed.contains("on the embedded queue"), "{printed}");
}
