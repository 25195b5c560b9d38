//! The Asterisk that things happen to, and the way to it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use ari_client::{Ari, RestOver};
use http::{Method, StatusCode};
use serde_json::Value;

use super::program::NAME;
use super::proxy::Proxy;
use crate::asterisk::Asterisk;
use crate::asterisk_config::PATIENT;
use crate::http::send;
use crate::install::Installation;

/// As many HTTP connections as an Asterisk takes where nobody says otherwise.
const SESSIONS: u32 = 100;

/// The judge has a user of its own, whose password nobody changes.
const JUDGE: (&str, &str) = ("judge", "impartial");

/// What Asterisk has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Inventory {
    /// Channels in the program's Stasis.
    pub(super) in_stasis: BTreeSet<String>,
    /// Channels that wait in the dialplan for the application to be there.
    pub(super) knocking: BTreeSet<String>,
    /// All channels.
    pub(super) channels: BTreeSet<String>,
}

impl Inventory {
    fn of(channels: &Value) -> Result<Self> {
        let mut inventory = Self::default();
        for channel in channels.as_array().context("the channels are no list")? {
            let text = |pointer| {
                channel
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let id = text("/id").to_owned();
            match text("/dialplan/app_name") {
                "Stasis" if text("/dialplan/app_data") == NAME => inventory.in_stasis.insert(id.clone()),
                "Wait" => inventory.knocking.insert(id.clone()),
                _ => false,
            };
            inventory.channels.insert(id);
        }
        Ok(inventory)
    }
}

/// Asterisk as the judge sees it: directly, and never through the library.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    port: u16,
}

impl View {
    async fn ask(self, method: Method, path: &str) -> Result<Value> {
        let answer = send(method, self.port, path, JUDGE.0, JUDGE.1).await?;
        match answer.status {
            StatusCode::OK => answer.json(),
            StatusCode::NO_CONTENT => Ok(Value::Null),
            status => bail!("{path}: status {status}"),
        }
    }

    pub(super) async fn inventory(self) -> Result<Inventory> {
        Inventory::of(&self.ask(Method::GET, "/ari/channels").await?)
    }

    pub(super) async fn bridges(self) -> Result<Vec<String>> {
        let bridges = self.ask(Method::GET, "/ari/bridges").await?;
        let bridges = bridges.as_array().context("the bridges are no list")?;
        let id = |bridge: &Value| Some(bridge.get("id")?.as_str()?.to_owned());
        bridges
            .iter()
            .map(|bridge| id(bridge).context("a bridge without id"))
            .collect()
    }

    pub(super) async fn hang_up_all(self) -> Result<()> {
        for id in self.inventory().await?.channels {
            // What is gone by itself meanwhile need not be hung up.
            let _ = self.ask(Method::DELETE, &format!("/ari/channels/{id}")).await;
        }
        Ok(())
    }

    /// Takes away what was left, so that it is not found again after the next fault.
    pub(super) async fn sweep(self) -> Result<()> {
        self.hang_up_all().await?;
        for id in self.bridges().await? {
            let _ = self.ask(Method::DELETE, &format!("/ari/bridges/{id}")).await;
        }
        Ok(())
    }
}

/// An Asterisk with the dialplan that lets callers wait, behind a proxy.
#[derive(Debug)]
pub(super) struct House {
    pub(super) asterisk: Asterisk,
    pub(super) proxy: Proxy,
    rest: RestOver,
}

impl House {
    pub(super) async fn build(installation: &Installation, rest: RestOver) -> Result<Self> {
        let judge = format!(
            "[{}]\ntype=user\npassword={}\npassword_format=plain",
            JUDGE.0, JUDGE.1
        );
        let asterisk = Asterisk::builder(installation)
            .dialplan(PATIENT)
            .session_limit(SESSIONS)
            .config("ari.conf", judge)
            .start()
            .await?;
        let proxy = Proxy::start(asterisk.http_port()).await?;
        Ok(Self {
            asterisk,
            proxy,
            rest,
        })
    }

    pub(super) fn view(&self) -> View {
        View {
            port: self.asterisk.http_port(),
        }
    }

    /// A client of the library's, with its own settings.
    pub(super) fn client(&self) -> Result<Ari> {
        let (user, password) = (self.asterisk.username(), self.asterisk.password());
        Ok(Ari::builder(self.proxy.url())
            .credentials(user, password)
            .rest_over(self.rest)
            .build()?)
    }

    /// Replaces text in a configuration file, and has a module read it.
    pub(super) async fn reconfigure(&self, file: &str, from: &str, to: &str, module: &str) -> Result<()> {
        let text = self.asterisk.configuration(file)?;
        if !text.contains(from) {
            bail!("{file} has no {from:?}");
        }
        self.asterisk.rewrite(file, &text.replace(from, to))?;
        self.asterisk.cli(&format!("module reload {module}")).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_dialplan_is_that_of_the_readme() {
        assert!(include_str!("../../../README.md").contains(PATIENT));
    }

    #[test]
    fn who_is_in_stasis_and_who_knocks_is_told_apart() {
        let channel = |id: &str, app: &str, data: &str| json!({"id": id, "dialplan": {"app_name": app, "app_data": data}});
        let channels = json!([
            channel("a", "Stasis", "EVERYTHING"),
            channel("b", "Stasis", "another"),
            channel("c", "Wait", "1"),
        ]);
        let inventory = Inventory::of(&channels).unwrap();
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(inventory.in_stasis, set(&["a"]));
        assert_eq!(inventory.knocking, set(&["c"]));
        assert_eq!(inventory.channels, set(&["a", "b", "c"]));
        assert!(Inventory::of(&json!({"message": "no"})).is_err());
    }
}
