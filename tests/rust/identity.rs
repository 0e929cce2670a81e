//! Whose credentials a call is made with: a profile that was given is the only source, and what cannot be sent is said
//! before it is.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Call, Output, World, json};

const KEYS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

fn without_keys(call: Call<'_>) -> Call<'_> {
    KEYS.iter().fold(call, |call, name| call.no_env(name))
}

/// Lines of a profile with an account's keys.
fn keys(world: &World) -> String {
    let text = |key: &str| world.account[key].as_str().unwrap();
    format!(
        "aws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
        text("accessKeyId"),
        text("secretAccessKey"),
        text("sessionToken")
    )
}

fn config(world: &World, text: &str) {
    std::fs::create_dir_all(world.dir().join(".aws")).unwrap();
    world.file(".aws/config", text);
}

/// What a program for `credential_process` prints, by a file: quotes inside of quotes need none then.
fn process(world: &World, name: &str, access_key: &str) -> String {
    let answer =
        json!({ "Version": 1, "AccessKeyId": access_key, "SecretAccessKey": "secret", "SessionToken": "token" });
    format!("[profile {name}]\ncredential_process = cat {}\n", world.file(&format!("{name}.json"), answer.to_string()))
}

/// A usage error before any call, with the keys of another identity in the environment, as they are in each of these.
fn not_sent(world: &World, call: &Call<'_>, code: &str) -> Output {
    world.forget_calls();
    let failed = call.fails("usage", code);
    assert_eq!(world.operations(), Vec::<String>::new(), "something was sent: {failed}");
    failed
}

#[test]
fn a_profile_that_was_given_wins_over_keys_in_the_environment_however_it_was_given() {
    let (other, world) = (World::new(), World::new());
    config(&other, &format!("[profile team]\n{}[profile other]\n{}", keys(&world), keys(&other)));
    let account = |call: Call<'_>| call.ok().json["account"].clone();
    let status = || Call::new(&other, "status", world.service_params());
    assert_eq!(account(status().param("profile", "team")), json!(world.account_id()));
    assert_eq!(account(status().flags(&["--profile", "team"])), json!(world.account_id()));
    other.file("team.yml", "profile: team\n");
    assert_eq!(account(status().flags(&["--config", "team.yml"])), json!(world.account_id()));
    // What is only in the environment is weaker than keys there: the SDK's own order.
    let of_environment = Call::new(&other, "status", other.service_params()).env("AWS_PROFILE", "team");
    assert_eq!(account(of_environment), json!(other.account_id()));
    assert_eq!(account(without_keys(status()).env("AWS_PROFILE", "team")), json!(world.account_id()));
}

#[test]
fn what_a_given_profile_refers_to_goes_on_working() {
    let (other, world) = (World::new(), World::new());
    let role = world.account["roleArn"].as_str().unwrap();
    let text = |key: &str| world.account[key].as_str().unwrap();
    let answer = json!({
        "Version": 1,
        "AccessKeyId": text("accessKeyId"),
        "SecretAccessKey": text("secretAccessKey"),
        "SessionToken": text("sessionToken"),
    });
    let file = other.file("answer.json", answer.to_string());
    config(
        &other,
        &format!(
            "[profile source]\n{}[profile role]\nrole_arn = {role}\nsource_profile = source\n\
             [profile environment]\nrole_arn = {role}\ncredential_source = Environment\n\
             [profile process]\ncredential_process = cat {file}\nregion = eu-west-1\n",
            keys(&other)
        ),
    );
    for profile in ["role", "environment", "process"] {
        let status = Call::new(&other, "status", world.service_params()).param("profile", profile);
        assert_eq!(status.ok().json["account"], json!(world.account_id()), "{profile}");
    }
    // Its region, where no other is given.
    let status = Call::new(&other, "status", world.service_params()).without("region").param("profile", "process");
    assert_eq!(status.ok().json["region"], json!("eu-west-1"));
    // A role on top of it.
    let on_top = |profile: &str| {
        let call = Call::new(&world, "status", world.service_params()).param("profile", profile);
        call.param("roleArn", other.account["roleArn"].clone())
    };
    config(&world, &format!("[profile source]\n{}", keys(&world)));
    let failed = on_top("source").run();
    assert_eq!(failed.json["account"], json!(other.account_id()), "{failed}");
}

#[test]
fn a_profile_that_is_not_there_is_an_error_before_any_call() {
    let world = World::new();
    let failed = not_sent(&world, &world.call("status").param("profile", "nosuch"), "profile-not-found");
    assert!(failed.message().contains("`nosuch`") && failed.message().contains("~/.aws/config"), "{failed}");
    config(&world, &format!("[profile staging]\n{}", keys(&world)));
    let failed = not_sent(&world, &world.call("status").param("profile", "stagin"), "profile-not-found");
    assert!(failed.message().contains("did you mean `staging`?"), "{failed}");
    // A section of the config file without the word is none.
    config(&world, &format!("[team]\n{}", keys(&world)));
    not_sent(&world, &world.call("status").param("profile", "team"), "profile-not-found");
    let elsewhere = world.file("elsewhere", format!("[team]\n{}", keys(&world)));
    world.call("status").param("profile", "team").env("AWS_SHARED_CREDENTIALS_FILE", &elsewhere).ok();
    world.file("broken", "[team\n");
    let broken = world.call("status").param("profile", "team").env("AWS_SHARED_CREDENTIALS_FILE", "broken");
    not_sent(&world, &broken, "profile-unreadable");
}

/// Counts who asks for a container's or machine's own credentials.
fn metadata() -> (String, Arc<AtomicUsize>) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in server.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    (url, asked)
}

#[test]
fn a_profile_without_credentials_never_falls_through_to_another_identity() {
    let world = World::new();
    let (url, asked) = metadata();
    config(&world, "[profile bare]\nregion = eu-west-1\n");
    let token = world.file("token", "web.identity.token");
    let call = world
        .call("status")
        .param("profile", "bare")
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url)
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", token)
        .env("AWS_ROLE_ARN", world.account["roleArn"].as_str().unwrap());
    for call in [call.clone(), without_keys(call)] {
        world.forget_calls();
        let failed = call.fails("credentials", "no-credentials");
        assert!(failed.message().contains("`bare`"), "{failed}");
        assert_eq!(world.operations(), Vec::<String>::new());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0, "the machine's own role was asked for");
}

#[test]
fn an_endpoint_of_a_profile_that_is_no_url_never_falls_back_to_the_real_aws() {
    let world = World::new();
    let of_service = "[services local]\necs =\n  endpoint_url = localhost:4566\n";
    for (text, url) in [
        ("endpoint_url = localhost:4566\n".to_owned(), false),
        ("endpoint_url = http//x\n".to_owned(), false),
        (format!("services = local\n{of_service}"), false),
        (format!("endpoint_url = {}\n", world.url()), true),
    ] {
        config(&world, &format!("[profile team]\n{}{text}", keys(&world)));
        let given = world.call("status").no_env("AWS_ENDPOINT_URL").param("profile", "team");
        let of_environment = world.call("status").no_env("AWS_ENDPOINT_URL").env("AWS_PROFILE", "team");
        for call in [given, of_environment] {
            if url {
                call.ok();
            } else {
                not_sent(&world, &call, "invalid-endpoint");
            }
        }
    }
}

#[test]
fn credentials_that_cannot_be_sent_are_named_before_any_call() {
    let world = World::new();
    for (variable, value, part, fault) in [
        ("AWS_ACCESS_KEY_ID", "AKIACANARY\n", "access key id", "ends with a line end"),
        ("AWS_ACCESS_KEY_ID", "AKIA CANARY", "access key id", "has a space in it"),
        ("AWS_ACCESS_KEY_ID", "AKIACANARÝ", "access key id", "not ASCII"),
        ("AWS_SECRET_ACCESS_KEY", "CANARY\n", "secret access key", "ends with a line end"),
        ("AWS_SECRET_ACCESS_KEY", "CANARY\r\n", "secret access key", "ends with a line end"),
        ("AWS_SECRET_ACCESS_KEY", " CANARY", "secret access key", "begins with a space"),
        ("AWS_SESSION_TOKEN", "CANARY\nCANARY", "session token", "has a line end in it"),
        ("AWS_SESSION_TOKEN", "CANARY\u{1}", "session token", "ends with a control character"),
    ] {
        let role = world.account["roleArn"].clone();
        for call in [world.bare("status"), world.bare("status").param("roleArn", role)] {
            world.forget_calls();
            let failed = call.env(variable, value).fails("credentials", "credentials-invalid");
            let said = failed.message();
            assert!(said.contains(part) && said.contains(fault) && !failed.log.contains("CANARY"), "{failed}");
            assert_eq!(world.operations(), Vec::<String>::new(), "{variable} {value:?}");
        }
    }
}

#[test]
fn it_is_the_same_wherever_they_come_from() {
    let world = World::new();
    config(&world, &process(&world, "process", "AKIA\nCANARY"));
    for call in [
        world.bare("status").param("profile", "process"),
        without_keys(world.bare("status")).env("AWS_PROFILE", "process"),
    ] {
        let failed = call.fails("credentials", "credentials-invalid");
        assert!(failed.message().contains("access key id has a line end in it"), "{failed}");
    }
    // A container's own, over HTTP.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::Write;
        for stream in server.incoming() {
            let stream = stream.unwrap();
            let mut lines = BufReader::new(&stream).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let answer = json!({
                "AccessKeyId": "AKIA", "SecretAccessKey": "CANARY", "Token": "CANARY\n", "Expiration": "2999-01-01T00:00:00Z",
            })
            .to_string();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
            (&stream).write_all(format!("{head}{answer}").as_bytes()).ok();
        }
    });
    let call = without_keys(world.bare("status")).env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    let failed = call.fails("credentials", "credentials-invalid");
    assert!(failed.message().contains("session token ends with a line end"), "{failed}");
}
