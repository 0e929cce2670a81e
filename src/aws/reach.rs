//! Why nothing came back, in plain words, and whose fault it is where a proxy stands between: the SDK's errors name
//! neither the host nor the proxy.

use std::error::Error;
use std::io;

use hyper_util::client::proxy::matcher::Matcher;
use rustls::CertificateError;

use super::causes::{chain, find, of};
use crate::config::bounded;

/// The same hint as of every other fault that passes.
const AGAIN: &str = "run the same action again: it goes on where it stopped";

/// What is said of a call that nothing came back from.
pub(super) struct Unreached {
    pub(super) message: String,
    pub(super) hint: String,
    /// Whether the same call may get through without a change.
    pub(super) retryable: bool,
}

/// A call's way: where it went, and by what proxy.
pub(super) struct Way {
    host: String,
    proxy: Option<String>,
}

impl Way {
    /// The way to a URL, by the variables of the environment: what the SDK's client asks is asked here.
    pub(super) fn to(url: &str) -> Self {
        Self::by(url, &Matcher::from_env())
    }

    fn by(url: &str, proxies: &Matcher) -> Self {
        // Without what may stand before an @: user and password.
        let shown = |host: Option<&str>, port: Option<u16>| {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            bounded(&format!("{}{port}", host.unwrap_or("the endpoint")), 200)
        };
        let Ok(uri) = url.parse() else { return Self { host: shown(None, None), proxy: None } };
        let proxy = proxies.intercept(&uri).map(|by| shown(by.uri().host(), by.uri().port_u16()));
        Self { host: shown(uri.host(), uri.port_u16()), proxy }
    }

    fn hint(&self) -> String {
        match self.proxy {
            Some(_) => format!(
                "the proxy is from HTTPS_PROXY, HTTP_PROXY or ALL_PROXY; NO_PROXY names hosts that need none; then {AGAIN}"
            ),
            None => AGAIN.to_owned(),
        }
    }

    /// What is said where the proxy answers that it wants to know who asks.
    pub(super) fn wants_password(&self, operation: &str) -> Unreached {
        let proxy = self.proxy.as_deref().unwrap_or("something before AWS");
        Unreached {
            message: format!(
                "{operation}: {} is not reached: the proxy {proxy} wants a user name and a password (HTTP 407)",
                self.host
            ),
            hint: "put them into the proxy's URL, as HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, or name the host in \
                   NO_PROXY"
                .to_owned(),
            retryable: false,
        }
    }

    /// What is said where no answer came.
    pub(super) fn failed(&self, operation: &str, error: &(dyn Error + 'static)) -> Unreached {
        let tunnel = chain(error).find_map(|cause| cause.to_string().strip_prefix("tunnel error: ").map(str::to_owned));
        if tunnel.as_deref() == Some("proxy authorization required") {
            return self.wants_password(operation);
        }
        let reason = match tunnel.as_deref() {
            Some("unsuccessful") => "it does not connect to that host".to_owned(),
            Some("unexpected end of file") => "it closed the connection".to_owned(),
            Some(_) | None => reason(error),
        };
        let subject = match &self.proxy {
            // Nothing but the proxy is connected to.
            Some(proxy) if says(error, "tcp connect error") || says(error, "dns error") => {
                format!("{} is not reached, as the proxy {proxy} is not", self.host)
            }
            Some(proxy) => format!("{} is not reached by the proxy {proxy}", self.host),
            None => format!("{} is not reached", self.host),
        };
        Unreached { message: format!("{operation}: {subject}: {reason}"), hint: self.hint(), retryable: true }
    }

    /// What is said where the time was over.
    pub(super) fn too_late(&self, operation: &str) -> Unreached {
        let by = self.proxy.as_ref().map(|proxy| format!(" by the proxy {proxy}")).unwrap_or_default();
        Unreached {
            message: format!("{operation}: {} gave no reply in time{by}, in any attempt", self.host),
            hint: self.hint(),
            retryable: true,
        }
    }
}

/// Types that are not public have their words alone.
fn says(error: &(dyn Error + 'static), text: &str) -> bool {
    chain(error).any(|cause| cause.to_string() == text)
}

fn reason(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = find::<rustls::Error>(error) {
        return tls(error);
    }
    if says(error, "dns error") {
        // Whether there is no such name, or nobody to ask, is the resolver's to say.
        let resolver = find::<io::Error>(error).map(ToString::to_string).unwrap_or_default();
        return bounded(&format!("the name does not resolve: {resolver}"), 200);
    }
    for (text, words) in [
        ("tls handshake eof", "the connection was closed while TLS was being agreed on"),
        ("connection closed before message completed", "the connection was closed before an answer came"),
    ] {
        if says(error, text) {
            return words.to_owned();
        }
    }
    if chain(error).any(|cause| cause.to_string().contains("timeout occurred")) {
        return format!("no connection in time: {}", of(error));
    }
    let known = find::<io::Error>(error).and_then(|error| of_kind(error.kind()));
    known.map_or_else(|| of(error), str::to_owned)
}

fn of_kind(kind: io::ErrorKind) -> Option<&'static str> {
    [
        (io::ErrorKind::ConnectionRefused, "the connection is refused: nobody listens there"),
        (io::ErrorKind::ConnectionReset, "the connection was reset"),
        (io::ErrorKind::ConnectionAborted, "the connection was closed"),
        (io::ErrorKind::BrokenPipe, "the connection was closed"),
        (io::ErrorKind::UnexpectedEof, "the connection was closed"),
        (io::ErrorKind::TimedOut, "no connection in time"),
        (io::ErrorKind::HostUnreachable, "there is no way to that host from here"),
        (io::ErrorKind::NetworkUnreachable, "there is no way to that network from here"),
    ]
    .into_iter()
    .find_map(|(known, words)| (known == kind).then_some(words))
}

fn tls(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        let not_tls = matches!(error, rustls::Error::InvalidMessage(_));
        return if not_tls {
            "what answers there does not speak TLS".to_owned()
        } else {
            format!("TLS failed: {}", of(error))
        };
    };
    let expired = matches!(certificate, CertificateError::Expired | CertificateError::ExpiredContext { .. });
    let early = matches!(certificate, CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. });
    let other =
        matches!(certificate, CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. });
    let words = if matches!(certificate, CertificateError::UnknownIssuer) {
        "is signed by nobody whom this machine trusts; AWS_CA_BUNDLE names a file of further certificates to trust"
    } else if expired {
        "has expired, or this machine's clock is wrong"
    } else if early {
        "is not valid yet, or this machine's clock is wrong"
    } else if other {
        "is for another name"
    } else {
        "is not valid"
    };
    format!("its TLS certificate {words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(proxy: Option<&str>) -> Way {
        let proxies = match proxy {
            Some(url) => Matcher::builder().all(url.to_owned()).no("169.254.169.254").build(),
            None => Matcher::builder().build(),
        };
        Way::by("https://ecs.eu-west-1.amazonaws.com/", &proxies)
    }

    #[test]
    fn the_proxy_is_named_without_its_password() {
        let said = way(Some("http://user:hunter2@proxy.corp:3128")).too_late("DescribeServices").message;
        assert!(said.contains("by the proxy proxy.corp:3128") && !said.contains("hunter2"), "{said}");
        let said = way(None).too_late("DescribeServices").message;
        assert_eq!(said, "DescribeServices: ecs.eu-west-1.amazonaws.com gave no reply in time, in any attempt");
    }

    #[test]
    fn certificates_are_told_apart() {
        for (error, words) in [
            (CertificateError::UnknownIssuer, "AWS_CA_BUNDLE"),
            (CertificateError::Expired, "has expired"),
            (CertificateError::NotValidYet, "not valid yet"),
            (CertificateError::NotValidForName, "another name"),
            (CertificateError::BadSignature, "is not valid"),
        ] {
            let wrapped = io::Error::other(rustls::Error::InvalidCertificate(error));
            let said = way(None).failed("X", &wrapped).message;
            assert!(said.contains(words), "{said}");
        }
    }
}
