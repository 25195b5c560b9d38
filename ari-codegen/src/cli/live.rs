//! The specification that a running Asterisk tells of itself, below `/ari/api-docs`.

mod address;
mod environment;

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use ari_codegen::{Error, Spec};
use serde::Deserialize;
use serde::de::IgnoredAny;
use ureq::Agent;
use ureq::http::StatusCode;

use super::Result;
use address::Address;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take, from the first byte of the request to the last of the body.
const ANSWER: Duration = Duration::from_secs(30);
/// The largest body that is read: the largest of Asterisk's files is a fortieth of it.
const LARGEST: u64 = 4 * 1024 * 1024;

/// What to check where something else than ARI answers.
const NO_ARI: &str = "no ARI here, check host, port and prefix, and that ari.conf enables it";

/// A server, and who we are there.
pub(super) struct Server {
    agent: Agent,
    address: Address,
    authorization: Option<String>,
}

impl Server {
    /// The server at `address`; user name and password are taken from the environment.
    pub(super) fn new(address: &str) -> Result<Self> {
        let address = Address::parse(address)?;
        let authorization = address.authorization()?;
        let config = Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .http_status_as_error(false)
            // Credentials go to this server, and nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build();
        Ok(Self {
            agent: Agent::new_with_config(config),
            address,
            authorization,
        })
    }

    /// Reads the specification, with the version that the server says it is.
    pub(super) fn spec(&self) -> Result<Spec> {
        let docs = self.address.below("api-docs");
        let spec = Spec::read_with(&docs, &|name| self.get(&format!("{docs}/{name}")))?;
        Ok(spec.of_version(&self.version()?))
    }

    fn version(&self) -> Result<String> {
        #[derive(Deserialize)]
        struct Info {
            system: System,
        }
        #[derive(Deserialize)]
        struct System {
            version: String,
        }
        let url = self.address.below("asterisk/info?only=system");
        let text = self.get(&url)?;
        let info: Info = serde_json::from_str(&text).map_err(|error| problem(&url, error))?;
        Ok(upstream(&info.system.version).to_owned())
    }

    /// The JSON at `url`.
    fn get(&self, url: &str) -> std::result::Result<String, Error> {
        let mut request = self.agent.get(url);
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let told = |error: ureq::Error| problem(url, failure(&error));
        let mut reply = request.call().map_err(told)?;
        if let Some(refusal) = refusal(reply.status(), self.authorization.is_some()) {
            return Err(problem(url, refusal));
        }
        let body = reply.body_mut().with_config().limit(LARGEST);
        let text = body.read_to_string().map_err(told)?;
        if text.trim_start().starts_with('<') {
            return Err(problem(url, format!("an HTML page, not JSON: {NO_ARI}")));
        }
        match serde_json::from_str::<IgnoredAny>(&text) {
            Ok(_) => Ok(text),
            Err(error) => Err(problem(url, format!("not JSON ({error}): {NO_ARI}"))),
        }
    }
}

fn problem(url: &str, problem: impl fmt::Display) -> Error {
    Error::File {
        path: PathBuf::from(url),
        problem: problem.to_string(),
    }
}

/// What to do where no whole answer came.
fn failure(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
            "connection refused: check host and port, that Asterisk runs, and that http.conf enables its server".into()
        }
        ureq::Error::HostNotFound => "there is no such host".into(),
        ureq::Error::Timeout(_) => format!("no whole answer within {} s", ANSWER.as_secs()),
        ureq::Error::BodyExceedsLimit(limit) => {
            format!("longer than {} MiB, which no file of Asterisk is", limit / 1024 / 1024)
        }
        error => format!("no HTTP answer: {error}"),
    }
}

/// What to do where the server refuses, or `None` where it does not.
fn refusal(status: StatusCode, known: bool) -> Option<String> {
    let why = match status.as_u16() {
        200 => return None,
        401 if known => "user name or password not accepted: check ARI_USERNAME and ARI_PASSWORD".into(),
        401 => "set ARI_USERNAME and ARI_PASSWORD to a user of ari.conf".into(),
        403 => "this user may not read it: check ari.conf and its access lists".into(),
        404 => NO_ARI.into(),
        503 => "Asterisk is still starting, or stopping: try again".into(),
        300..=399 => "a redirect, which is not followed: give the address that it leads to".into(),
        _ => status.canonical_reason().unwrap_or("unknown status").to_owned(),
    };
    Some(format!("status {}: {why}", status.as_u16()))
}

/// The version that Asterisk's own developers gave, in one that a distribution made of it.
fn upstream(version: &str) -> &str {
    let end = ["~dfsg", "+"].iter().filter_map(|mark| version.find(mark)).min();
    &version[..end.unwrap_or(version.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_distribution_adds_to_a_version_is_left_out() {
        for (told, version) in [
            ("22.10.1~dfsg+~cs6.16.60671435-1", "22.10.1"),
            ("16.28.0~dfsg-0+deb11u4", "16.28.0"),
            ("22.11.0~rc2~dfsg+~cs6.16-1", "22.11.0~rc2"),
            ("22.8-cert1", "22.8-cert1"),
            ("GIT-master-0a1b2c3", "GIT-master-0a1b2c3"),
        ] {
            assert_eq!(upstream(told), version, "{told}");
        }
    }
}
