//! Why nothing came back: the host, the proxy where there is one, and the reason, in plain words; and what AWS says no to.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::support::{Call, Output, World, json};

/// Answers every connection with this, and hangs up; its address.
fn answering(reply: &'static str) -> String {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in server.incoming() {
            let mut stream = stream.unwrap();
            let _read = stream.read(&mut [0; 8192]).unwrap_or(0);
            stream.write_all(reply.as_bytes()).ok();
        }
    });
    address
}

/// Where nobody listens.
fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn once(world: &World) -> Call<'_> {
    world.bare("status").param("maxAttempts", 1).param("attemptTimeout", "5s")
}

fn unreached(call: &Call<'_>, parts: &[&str]) -> Output {
    let failed = call.fails("unavailable", "unreachable");
    let message = failed.text("/error/message");
    for part in parts {
        assert!(message.contains(part), "no {part:?}: {failed}");
    }
    assert!(message.len() < 400 && !failed.to_string().contains("hunter2"), "{failed}");
    failed
}

#[test]
fn the_host_and_the_reason_are_named() {
    let world = World::new();
    let (plain, mute, refused) = (answering("220 ready\r\n"), answering(""), nobody());
    for (url, parts) in [
        (format!("http://{refused}"), &[refused.as_str(), "refused"][..]),
        ("http://nosuch.invalid".to_owned(), &["nosuch.invalid", "does not resolve"]),
        ("https://nosuch.invalid".to_owned(), &["nosuch.invalid", "does not resolve"]),
        (format!("https://{plain}"), &[&plain, "does not speak TLS"]),
        (format!("https://{mute}"), &[&mute, "closed while TLS was being agreed on"]),
        (format!("http://{mute}"), &[&mute, "closed before an answer came"]),
    ] {
        let failed = unreached(&once(&world).param("endpointUrl", url), parts);
        assert_eq!(failed.at("/error/retryable"), &json!(true));
        assert!(!failed.message().contains("proxy"), "there is none: {failed}");
    }
}

#[test]
fn a_proxy_is_named_without_its_password_and_what_it_says() {
    let world = World::new();
    let wants = answering("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    let refuses = answering("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let (mute, absent) = (answering(""), nobody());
    for (endpoint, variable) in [("https://ecs.example.com", "HTTPS_PROXY"), ("http://ecs.example.com", "HTTP_PROXY")] {
        let by = |proxy: &str| {
            once(&world).param("endpointUrl", endpoint).env(variable, format!("http://me:hunter2@{proxy}"))
        };
        let failed = unreached(&by(&wants), &["ecs.example.com", &wants, "wants a user name and a password", "407"]);
        assert_eq!(failed.at("/error/retryable"), &json!(false));
        unreached(&by(&absent), &["ecs.example.com", &absent, "refused"]);
        unreached(&by("nosuch.invalid:3128"), &["ecs.example.com", "nosuch.invalid:3128", "does not resolve"]);
        unreached(&by(&mute), &["ecs.example.com", &mute, "closed"]);
        // What the SDK does not take for the way is not named.
        let direct = by(&absent).env("NO_PROXY", "example.com").run();
        assert!(!direct.message().contains(&absent), "{direct}");
    }
    let tunnel =
        once(&world).param("endpointUrl", "https://ecs.example.com").env("HTTPS_PROXY", format!("http://{refuses}"));
    unreached(&tunnel, &[&refuses, "does not connect to that host"]);
    // A role is assumed by the same way.
    let role = once(&world).no_env("AWS_ENDPOINT_URL").param("roleArn", world.account["roleArn"].clone());
    unreached(
        &role.env("HTTPS_PROXY", format!("http://{wants}")),
        &["sts.eu-west-1.amazonaws.com", &wants, "password"],
    );
}

#[test]
fn who_does_not_answer_in_time_is_named() {
    let world = World::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let call = world.bare("status").param("maxAttempts", 1).param("attemptTimeout", "300ms");
    unreached(&call.clone().param("endpointUrl", format!("http://{address}")), &[&address, "in time"]);
    let by = call.param("endpointUrl", "http://ecs.example.com").env("HTTP_PROXY", format!("http://{address}"));
    unreached(&by, &["ecs.example.com", &address, "in time"]);
}

#[test]
fn a_parameter_that_aws_calls_invalid_is_a_refusal_with_awss_own_words() {
    let world = World::new();
    for code in [
        "InvalidParameterException",
        "ClientException",
        "ValidationError",
        "ValidationException",
        "InvalidParameterValue",
        "InvalidConfigurationRequest",
    ] {
        for (operation, call) in [("DescribeServices", world.bare("status")), ("CreateTaskSet", world.creation("new"))]
        {
            let fault = json!({ "operation": operation, "kind": "error", "status": 400, "code": code, "message": "No scale of 150." });
            world.faults(json!([fault]));
            let failed = call.fails("refused", "parameter-rejected");
            assert_eq!((failed.exit, &failed.json["changed"]), (3, &json!(false)), "{failed}");
            assert!(failed.message().contains(&format!("{operation}: {code}: No scale of 150.")), "{failed}");
            world.no_faults();
        }
    }
    // What nobody here knows stays so.
    let fault = json!({ "operation": "DescribeServices", "kind": "error", "status": 400, "code": "SomethingNew", "message": "x" });
    world.faults(json!([fault]));
    world.bare("status").fails("unexpected", "aws-rejected");
}

#[test]
fn a_role_that_cannot_be_assumed_has_awss_reason_once() {
    let world = World::new();
    let other = World::new();
    let message = "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole";
    let fault = json!({ "operation": "AssumeRole", "kind": "error", "status": 403, "code": "AccessDenied", "message": message, "times": 9 });
    world.faults(json!([fault]));
    let role = other.account["roleArn"].clone();
    let failed = world.bare("status").param("roleArn", role).fails("credentials", "assume-role-failed");
    assert_eq!(failed.message().matches("is not authorized").count(), 1, "{failed}");
    assert!(failed.text("/error/message").len() < 400, "{failed}");
}
