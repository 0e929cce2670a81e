//! What the machine itself has wrong.

use crate::support::World;

#[test]
fn a_bundle_without_a_certificate_is_one_clear_error() {
    let world = World::new();
    let good = std::fs::read_to_string(crate::support::stand_in::root().join("tests/rust/support/root.pem")).unwrap();
    for (name, text, works) in [
        ("empty.pem", String::new(), false),
        ("text.pem", "hello".to_owned(), false),
        ("no-base64.pem", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n".to_owned(), false),
        ("cut.pem", "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n".to_owned(), false),
        ("good.pem", good.clone(), true),
        ("both.pem", format!("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n{good}"), true),
    ] {
        let call = world.call("status").env("AWS_CA_BUNDLE", world.file(name, text));
        if works {
            call.ok();
        } else {
            assert!(call.fails("usage", "bad-ca-bundle").message().contains(name));
        }
    }
    world.call("status").env("AWS_CA_BUNDLE", "/no/such/file.pem").fails("usage", "bad-ca-bundle");
}
