//! What comes by sockets that the client does not open: Asterisk calls our server, and REST travels as frames.

use std::sync::Arc;

use anyhow::{Result, ensure};
use ari_client::Resources as _;

use super::socket::{Server, Socket};
use super::stage::Stage;
use super::watch::Watch;

/// The applications of the connection that is always open.
const APPS: &str = "apps=out-one,out-two";
const ONE_APP: &str = "apps=out-one";

/// The servers that Asterisk calls.
#[derive(Debug)]
pub(super) struct Servers {
    persistent: Server,
    per_call: Server,
}

impl Servers {
    pub(super) async fn start(watch: &Arc<Watch>) -> Result<Self> {
        Ok(Self {
            persistent: Server::start(watch).await?,
            per_call: Server::start(watch).await?,
        })
    }

    /// Who is called, for `websocket_client.conf`.
    pub(super) fn clients(&self) -> String {
        let client = |name: &str, port: u16, kind: &str| {
            format!(
                "[{name}]\ntype=websocket_client\nuri=ws://127.0.0.1:{port}/\nprotocols=ari\n\
                 username=asterisk\npassword=secret\nconnection_type={kind}\ntls_enabled=no\n"
            )
        };
        client("persistent", self.persistent.port, "persistent")
            + &client("percall", self.per_call.port, "per_call_config")
    }
}

/// For which applications, for `ari.conf`.
pub(super) fn connections(user: &str) -> String {
    let connection = |name: &str, apps: &str| {
        format!(
            "[{name}]\ntype=outbound_websocket\nwebsocket_client_id={name}\n{apps}\nlocal_ari_user={user}\n"
        )
    };
    connection("persistent", APPS) + &connection("percall", "apps=percall")
}

pub(super) async fn cover(stage: &Stage) {
    stage.step("REST over a WebSocket", rest(stage)).await;
    stage
        .step("a persistent outbound socket", persistent(stage))
        .await;
    stage.step("an outbound socket for a call", per_call(stage)).await;
    stage.step("a replaced application", replaced(stage)).await;
}

async fn rest(stage: &Stage) -> Result<()> {
    let mut socket = Socket::open(&stage.asterisk, "app=rest", &stage.watch).await?;
    for (id, uri, status) in [("one", "asterisk/ping", 200), ("two", "channels/nobody", 404)] {
        let mark = stage.watch.mark();
        let request = serde_json::json!({
            "type": "RESTRequest", "transaction_id": "lab", "request_id": id, "method": "GET", "uri": uri,
        });
        socket.send(&request.to_string()).await?;
        let ours = |event: &serde_json::Value| event["request_id"] == id;
        let response = stage.watch.wait(mark, "RESTResponse", ours).await?;
        ensure!(response["status_code"] == status, "{uri}: {response}");
    }
    Ok(())
}

/// Asterisk called when it started. An application that is taken from the connection is unregistered.
async fn persistent(stage: &Stage) -> Result<()> {
    let of = |app: &'static str| move |event: &serde_json::Value| event["application"] == app;
    stage
        .watch
        .wait(Watch::beginning(), "ApplicationRegistered", of("out-two"))
        .await?;
    let mark = stage.watch.mark();
    let file = stage.asterisk.configuration("ari.conf")?;
    stage.asterisk.rewrite("ari.conf", &file.replace(APPS, ONE_APP))?;
    stage
        .succeeds(stage.ari.asterisk().reload_module("res_ari.so"))
        .await?;
    stage
        .watch
        .wait(mark, "ApplicationUnregistered", of("out-two"))
        .await?;
    Ok(())
}

async fn per_call(stage: &Stage) -> Result<()> {
    let mark = stage.watch.mark();
    let channels = stage.ari.channels();
    let call = channels.originate("Local/percall@default/n");
    let channel = stage
        .succeeds(call.context("default").extension("wait").priority(1))
        .await?;
    let of_call = |event: &serde_json::Value| {
        event["application"]
            .as_str()
            .is_some_and(|app| app.starts_with("percall:"))
    };
    stage.watch.wait(mark, "ApplicationRegistered", of_call).await?;
    stage.watch.wait(mark, "StasisStart", of_call).await?;
    stage.hang_up(&[&channel.id]).await
}

async fn replaced(stage: &Stage) -> Result<()> {
    let _first = Socket::open(&stage.asterisk, "app=contested", &stage.watch).await?;
    let mark = stage.watch.mark();
    let _second = Socket::open(&stage.asterisk, "app=contested", &stage.watch).await?;
    stage.watch.wait(mark, "ApplicationReplaced", |_| true).await?;
    Ok(())
}
