//! The handle that a test holds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::api::Reply;
use super::caller::{Caller, PlaceCall};
use super::faults::Fault;
use super::media::MediaSocket;
use super::requests::Request;
use super::server::{Listener, Server};
use super::snapshot::{BridgeSnapshot, ChannelSnapshot, PlaybackSnapshot};
use super::world::{ASTERISK_ID, timestamp};
use super::{FakeAsteriskBuilder, Phone};
use crate::error::Result;

/// An in-process Asterisk for tests; see the [module](super).
///
/// Dropping it ends the server, with all its connections.
#[derive(Debug)]
pub struct FakeAsterisk {
    server: Arc<Server>,
    address: SocketAddr,
    listener: Mutex<Listener>,
}

impl Drop for FakeAsterisk {
    fn drop(&mut self) {
        self.server.lifetime.cancel();
    }
}

impl FakeAsterisk {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Settings for a server that is to be different.
    pub fn builder() -> FakeAsteriskBuilder {
        FakeAsteriskBuilder::default()
    }

    pub(super) fn new(server: Arc<Server>, listener: Listener) -> Self {
        Self {
            server,
            address: listener.address(),
            listener: Mutex::new(listener),
        }
    }

    /// The server's base URL, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The user name that clients need.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.server.settings.username
    }

    /// The password that clients need.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.server.settings.password
    }

    /// Prepares a call to an extension, as from a phone.
    pub fn call(&self, extension: impl Into<String>) -> PlaceCall {
        PlaceCall::new(Arc::clone(&self.server), extension.into())
    }

    /// The far end of a channel that there is, such as of one that the application has dialled.
    #[must_use]
    pub fn far_end(&self, channel_id: &str) -> Option<Caller> {
        let id = self
            .server
            .read(|shared| shared.world.channel(channel_id).map(|channel| channel.id.clone()))?;
        Some(Caller::new(Arc::clone(&self.server), id))
    }

    /// The server's end of an external media channel.
    ///
    /// # Errors
    /// When its socket cannot be used.
    pub fn media_socket(&self, channel_id: &str) -> Result<Option<MediaSocket>> {
        let socket = self
            .server
            .read(|shared| shared.world.media.get(channel_id).cloned());
        let deadline = self.server.settings.deadline;
        socket
            .map(|socket| MediaSocket::new(&socket, deadline))
            .transpose()
    }

    /// Changes what a phone does when it is dialled from now on, or adds one.
    pub fn set_phone(&self, endpoint: impl Into<String>, phone: Phone) {
        self.server
            .with(|shared| shared.world.phones.insert(endpoint.into(), phone));
    }

    /// Waits until an application is connected.
    ///
    /// # Errors
    /// When it does not come within the deadline.
    pub async fn wait_for_application(&self, name: &str) -> Result<()> {
        let what = || format!("the application {name} was connected");
        self.server
            .wait_for(what, |shared| shared.world.is_active(name).then_some(()))
            .await
    }

    /// Waits until an application is not connected any more.
    ///
    /// # Errors
    /// When it stays beyond the deadline.
    pub async fn wait_until_disconnected(&self, name: &str) -> Result<()> {
        let what = || format!("the application {name} was disconnected");
        self.server
            .wait_for(what, |shared| (!shared.world.is_active(name)).then_some(()))
            .await
    }

    /// Waits until such a request has been answered, at any time since the server started.
    ///
    /// In the path, `*` stands for any one segment.
    ///
    /// # Errors
    /// When none comes within the deadline.
    pub async fn wait_for_request(&self, method: &str, path: &str) -> Result<Request> {
        let what = || format!("a request {method} {path} was seen");
        let found = |requests: &[Request]| requests.iter().find(|seen| seen.is(method, path)).cloned();
        self.server.wait_for(what, |shared| found(&shared.requests)).await
    }

    /// Waits until no channel, bridge or playback is left.
    ///
    /// # Errors
    /// When something stays beyond the deadline; the error lists it.
    pub async fn wait_until_idle(&self) -> Result<()> {
        let what = || format!("nothing was left; left are: {}", self.leaks().join(", "));
        self.server
            .wait_for(what, |shared| super::leaks(shared).is_empty().then_some(()))
            .await
    }

    /// The requests seen since the server started, in the order in which they were answered. Beside those of the
    /// application under test there are those of the service itself, such as `GET /channels` when it connects, and
    /// `POST /events/user/AriClientEcho` where no events come.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.server.read(|shared| shared.requests.clone())
    }

    /// The channels that there are, the oldest first.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelSnapshot> {
        self.server
            .read(|shared| shared.world.channels.iter().map(ChannelSnapshot::from).collect())
    }

    /// The bridges that there are, the oldest first.
    #[must_use]
    pub fn bridges(&self) -> Vec<BridgeSnapshot> {
        self.server
            .read(|shared| shared.world.bridges.iter().map(BridgeSnapshot::from).collect())
    }

    /// All playbacks since the server started: those that are over, then those that are not.
    #[must_use]
    pub fn playbacks(&self) -> Vec<PlaybackSnapshot> {
        self.server.read(|shared| {
            let all = shared.world.played.iter().chain(&shared.world.playbacks);
            all.map(PlaybackSnapshot::from).collect()
        })
    }

    /// What is left: a line for each channel in an application, each bridge and each playback that is not over.
    ///
    /// A test that ends with nobody on the phone expects none.
    #[must_use]
    pub fn leaks(&self) -> Vec<String> {
        self.server.read(super::leaks)
    }

    /// Closes every connection, of requests and of events. New ones are accepted.
    ///
    /// The calls stay as they are, as when the network fails.
    #[expect(
        clippy::unused_async,
        reason = "so that closing may take its time in a later version"
    )]
    pub async fn cut_connections(&self) {
        self.server.cut_connections();
    }

    /// Deactivates an application and leaves its socket open, as Asterisk may do where it clears up after the
    /// application's socket before this one too late: no more events come, and calls no longer enter.
    pub fn deafen(&self, application: &str) {
        self.server.with(|shared| shared.world.deactivate(application));
    }

    /// Refuses new connections from now on; those that there are stay.
    pub async fn stop_listening(&self) {
        self.listener.lock().await.stop().await;
    }

    /// Accepts connections again, on the same port.
    ///
    /// # Errors
    /// When the port has been taken meanwhile.
    pub async fn listen_again(&self) -> Result<()> {
        self.listener.lock().await.resume(&self.server).await
    }

    /// Waits this long before each request is carried out, from now on.
    pub fn delay_requests(&self, delay: Duration) {
        self.server.with(|shared| shared.faults.delay = delay);
    }

    /// Answers the next such request with this status and body, without carrying it out.
    ///
    /// The path is the one behind `/ari`, such as `/channels/*/answer`; `*` stands for any one segment. A body that
    /// starts with `<` is sent as HTML, any other as JSON.
    pub fn fail_next(&self, method: &str, path: &str, status: u16, body: impl Into<String>) {
        let body = body.into();
        let is_html = body.starts_with('<');
        let mut reply = Reply::json(status, body);
        if is_html {
            reply.headers = vec![("Content-type", "text/html".to_owned())];
        }
        self.add_fault(method, path, Fault::Answer(reply));
    }

    /// Closes the connection of the next such request without carrying it out.
    pub fn drop_next_request(&self, method: &str, path: &str) {
        self.add_fault(method, path, Fault::Drop);
    }

    /// Carries out the next such request, and closes its connection without an answer.
    pub fn drop_next_answer(&self, method: &str, path: &str) {
        self.add_fault(method, path, Fault::DropAnswer);
    }

    fn add_fault(&self, method: &str, path: &str, fault: Fault) {
        self.server.with(|shared| shared.faults.add(method, path, fault));
    }

    /// Sends a text frame to every connected application, whatever it says.
    pub fn send_raw(&self, text: &str) {
        self.server.broadcast(text);
    }

    /// Sends an event to every connected application. Where it has no timestamp and no `asterisk_id` it gets them.
    pub fn send_event(&self, event: serde_json::Value) {
        let mut event = event;
        if let Some(fields) = event.as_object_mut() {
            fields.entry("timestamp").or_insert_with(|| timestamp().into());
            fields.entry("asterisk_id").or_insert_with(|| ASTERISK_ID.into());
        }
        self.send_raw(&event.to_string());
    }
}
