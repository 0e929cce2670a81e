//! The certificates of `AWS_CA_BUNDLE`. The SDK's client takes them for good and panics where one is not, so they are
//! looked at before.

use std::ffi::OsStr;
use std::path::Path;

use aws_smithy_types::base64;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::error::{Error, Result};
use crate::report::output::say;

/// A system's own bundle has less than 1 MiB.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The bundle's certificates as PEM. One that cannot be used is left out and said, as a system's own bundle may hold some;
/// none at all is an error.
pub(super) fn bundle(path: &OsStr) -> Result<Vec<u8>> {
    let shown = path.to_string_lossy();
    let wrong = |what: String| {
        Error::usage("bad-ca-bundle", format!("AWS_CA_BUNDLE ({shown}): {what}"))
            .hint("it must name a readable file of PEM certificates")
    };
    let pem = crate::system::file::read(Path::new(path), LARGEST).map_err(|error| wrong(error.to_string()))?;
    if pem.len() as u64 > LARGEST {
        return Err(wrong("it is larger than 16 MiB".to_owned()));
    }
    let (good, bad) = sorted(&pem);
    if good.is_empty() {
        return Err(wrong("there is no certificate in it that can be read".to_owned()));
    }
    if bad > 0 {
        say(format_args!("AWS_CA_BUNDLE ({shown}): {bad} certificates in it cannot be read, and are left out"));
    }
    Ok(good)
}

/// Those that can be used, and how many cannot.
fn sorted(pem: &[u8]) -> (Vec<u8>, usize) {
    let (mut good, mut bad) = (Vec::new(), 0);
    for certificate in CertificateDer::pem_slice_iter(pem) {
        match certificate {
            Ok(certificate) if RootCertStore::empty().add(certificate.clone()).is_ok() => {
                let text = base64::encode(certificate.as_ref());
                good.extend(format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").bytes());
            }
            Ok(_) | Err(_) => bad += 1,
        }
    }
    (good, bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../tests/rust/support/root.pem");

    #[test]
    fn certificates_that_cannot_be_used_are_left_out() {
        let no_base64 = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
        let no_certificate = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        for (text, good, bad) in [
            (GOOD.to_owned(), 1, 0),
            (format!("# a comment\n{GOOD}{GOOD}"), 2, 0),
            (format!("{GOOD}{no_certificate}{GOOD}"), 2, 1),
            (format!("{GOOD}{no_base64}"), 1, 1),
            (no_base64.to_owned(), 0, 1),
            (no_certificate.to_owned(), 0, 1),
            ("hello".to_owned(), 0, 0),
            (String::new(), 0, 0),
        ] {
            let (pem, left_out) = sorted(text.as_bytes());
            let again: Vec<_> = CertificateDer::pem_slice_iter(&pem).map(Result::unwrap).collect();
            assert_eq!((again.len(), left_out), (good, bad), "{text}");
        }
    }
}
