//! Listening for Asterisks that dial us: outbound WebSockets.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::app::{Application, Service};
use crate::client::{AriBuilder, Peers, flag, optional, variable};
use crate::config::{Limits, limits};
use crate::error::{Error, Failure, Result};
use crate::transport::{Credentials, Gate, Listener};

/// How many connections are taken at once where nobody says.
const PLACES: usize = 10_000;

/// A server for Asterisks that dial in (outbound WebSockets: Asterisk 20.15, 21.10, 22.5 and later).
///
/// The same [`Application`] runs as on an [`Ari`](crate::Ari) that dials out. Asterisk is told in `ari.conf` and
/// `websocket_client.conf` where the program is, so that the program need not know where Asterisk is:
///
/// ```ini
/// ; ari.conf
/// [ari]
/// type=user
/// password=local              ; must be plain; it never leaves Asterisk here
/// password_format=plain
///
/// [ivr]
/// type=outbound_websocket
/// websocket_client_id=ivr
/// apps=ivr
/// local_ari_user=ari
///
/// ; websocket_client.conf
/// [ivr]
/// type=websocket_client
/// uri=ws://127.0.0.1:8089
/// protocols=ari
/// username=pbx
/// password=secret
/// connection_type=persistent
/// ```
///
/// `module reload res_websocket_client.so` and then `module reload res_ari.so` make Asterisk read them;
/// `ari show outbound-websockets` tells whether it could.
///
/// ```no_run
/// # use ari_client::prelude::*;
/// # async fn run() -> Result {
/// AriServer::bind("127.0.0.1:8089")
///     .credentials("pbx", "secret")
///     .run("ivr", |call: Call| async move { Ok(call.answer().await?) })
///     .await
/// # }
/// ```
///
/// With `connection_type=persistent`, Asterisk keeps a connection open and opens it again when it breaks; meanwhile it
/// keeps the events, and calls go on. With `per_call_config` it opens one for each call, which sets up each call up to
/// half a second later; the [application's name](crate::Call::application) is then `NAME:CHANNEL`. Where the connection
/// of such a call is gone for more than 1.5 s (`reconnect_attempts` and `reconnect_interval`), Asterisk takes the call
/// out of the application. A dialplan whose pattern matches `h` opens a second connection behind each hangup, which then
/// takes a second: give it `exten => h,1,NoOp()`.
///
/// One server serves one application; where Asterisk brings several, each has a server and an address of its own, or one
/// application is a [`Router`](crate::Router). Certificates are read when the program starts.
///
/// **Several Asterisks** may dial in, and each has an [`Ari`](crate::Ari) of its own with its rooms and subscriptions,
/// of which [`Application::on_start`] is told once (of those that are away, the last 100 are remembered). An Asterisk is
/// known by the user name that it shows and the `asterisk_id` in its events. That is by default made of a network
/// address, which Asterisks on one machine or in containers may have in common: give each a user name of its own, or an
/// `entityid` in `asterisk.conf`.
///
/// **Requests** travel back on the sockets, where Asterisk carries them out one after the other, unless
/// [`http`](Self::http) says where its HTTP server is. Without that, a request that would wait for a channel on which
/// this client plays or records is not sent until that is over; where it is not over in time, it fails with
/// [`ErrorKind::WouldBlock`](crate::ErrorKind::WouldBlock).
#[must_use = "a server does nothing until it runs an application"]
pub struct AriServer {
    place: Place,
    credentials: Vec<(String, String)>,
    limits: Limits,
    places: usize,
    allow_cleartext: bool,
    allow_anonymous: bool,
    /// Where HTTP servers are, by the user name that the Asterisk shows; that without a name is for all others.
    bases: HashMap<Option<String>, AriBuilder>,
    #[cfg(feature = "tls")]
    tls: Option<crate::transport::tls::Acceptor>,
    #[cfg(feature = "tls")]
    unusable: Option<Error>,
}

/// Where to listen.
enum Place {
    Address(String),
    Listener(std::net::TcpListener),
}

impl AriServer {
    /// A server that will listen on `address`, such as `127.0.0.1:8089`, when it runs.
    pub fn bind(address: impl Into<String>) -> Self {
        Self::at(Place::Address(address.into()))
    }

    /// A server on a socket that listens already, such as one that a service manager has opened, or one on a port that the
    /// system chose:
    ///
    /// ```no_run
    /// # use ari_client::prelude::*;
    /// # async fn run() -> Result {
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// println!("Asterisk may dial {}", listener.local_addr()?);
    /// let server = AriServer::on(listener).credentials("pbx", "secret");
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(listener: std::net::TcpListener) -> Self {
        Self::at(Place::Listener(listener))
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            credentials: Vec::new(),
            limits: Limits::default(),
            places: PLACES,
            allow_cleartext: false,
            allow_anonymous: false,
            bases: HashMap::new(),
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "tls")]
            unusable: None,
        }
    }

    /// Reads `ARI_LISTEN`, the address to listen on, and `ARI_USERNAME` and `ARI_PASSWORD`, which the Asterisk that dials
    /// in must show. Where `ARI_URL` is set it is the [HTTP server](Self::http) of that Asterisk, which must then have an
    /// ARI user of the same name and password; see [`AriBuilder::from_env`]. `ARI_CERT_FILE` and `ARI_KEY_FILE` name the
    /// PEM files for TLS, and `ARI_ALLOW_CLEARTEXT` (`1`, `true` or `yes`) allows to listen without TLS on other
    /// addresses than loopback.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the variable that is missing or cannot be used.
    pub fn from_env() -> Result<Self> {
        let mut server = Self::bind(variable("ARI_LISTEN")?)
            .credentials(variable("ARI_USERNAME")?, variable("ARI_PASSWORD")?);
        server.allow_cleartext = flag("ARI_ALLOW_CLEARTEXT")?;
        if optional("ARI_URL")?.is_some() {
            server = server.http(AriBuilder::from_env()?);
        }
        match optional("ARI_CERT_FILE")? {
            Some(chain) => server.tls_from(&chain, &variable("ARI_KEY_FILE")?),
            None => Ok(server),
        }
    }

    #[cfg(feature = "tls")]
    fn tls_from(self, chain: &str, key: &str) -> Result<Self> {
        let read = |path: &str| {
            std::fs::read(path)
                .map_err(|error| Error::invalid(format!("PEM file `{path}`")).with_source(error))
        };
        Ok(self.tls(read(chain)?, read(key)?))
    }

    #[cfg(not(feature = "tls"))]
    fn tls_from(self, _chain: &str, _key: &str) -> Result<Self> {
        Err(Error::invalid(
            "ARI_CERT_FILE: for TLS, enable the feature `tls` of ari-client",
        ))
    }

    /// Adds a user name and password of an Asterisk (`username` and `password` in its `websocket_client.conf`). Without
    /// any, whoever reaches the address is let in.
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials.push((username.into(), password.into()));
        self
    }

    /// Sends requests to the HTTP server of the Asterisk that dials in; the settings of `base` hold for them, and its
    /// [`rest_over`](AriBuilder::rest_over) says which ones.
    ///
    /// An address leads to one Asterisk: where several dial in, each needs its own, by [`http_of`](Self::http_of).
    pub fn http(mut self, base: AriBuilder) -> Self {
        self.bases.insert(None, base);
        self
    }

    /// As [`http`](Self::http), for the Asterisk that shows this user name.
    pub fn http_of(mut self, username: impl Into<String>, base: AriBuilder) -> Self {
        self.bases.insert(Some(username.into()), base);
        self
    }

    /// Encrypts the connections (`wss`): `chain` holds the certificates, the server's own first, and `key` its private
    /// key, both PEM. Needs the feature `tls`.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        match crate::transport::tls::Acceptor::new(chain.as_ref(), key.as_ref()) {
            Ok(acceptor) => self.tls = Some(acceptor),
            Err(error) => self.unusable = Some(error),
        }
        self
    }

    /// Listens without TLS on an address that other machines reach: passwords then cross the network as clear text.
    pub fn allow_cleartext(mut self) -> Self {
        self.allow_cleartext = true;
        self
    }

    /// Listens without credentials on an address that other machines reach: whoever reaches it may send calls.
    pub fn allow_anonymous(mut self) -> Self {
        self.allow_anonymous = true;
        self
    }

    /// Sets how many sockets of Asterisks may be open at once; more wait. 10,000 by default.
    pub fn max_sockets(mut self, sockets: usize) -> Self {
        self.places = sockets.max(1);
        self
    }

    limits! {
        /// Sets how long an Asterisk may take to shake hands, and then to send its first event. 5 s by default.
        pub fn handshake_timeout(timeout: Duration) { connect = timeout }

        /// As [`AriBuilder::request_timeout`], where there is no [HTTP server](Self::http).
        pub fn request_timeout(timeout: Duration) { request = timeout }

        /// As [`AriBuilder::waiting_timeout`], where there is no [HTTP server](Self::http).
        pub fn waiting_timeout(timeout: Duration) { waiting = timeout }

        /// Sets the longest event or reply that is accepted, in bytes. 16 MiB by default.
        pub fn max_message_size(bytes: usize) { message = bytes }

        /// As [`AriBuilder::max_unread`], for each Asterisk.
        pub fn max_unread(bytes: usize) { mailboxes = bytes }
    }

    /// Runs `application` on the calls that Asterisks send for `name`, until SIGTERM or ctrl-c; then live calls get time
    /// to finish. [`service`](Self::service) does the same with settings.
    ///
    /// # Errors
    /// Where the settings or the name cannot be used, or the address cannot be listened on. What becomes of single
    /// connections is logged: Asterisk opens them again.
    pub fn run<A: Application>(
        self,
        name: impl Into<String>,
        application: A,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        self.service(name, application).run()
    }

    /// Prepares to run `application` under `name`; see [`Service`], whose settings hold for each Asterisk that dials in;
    /// [`subscribe_all`](Service::subscribe_all) and [`retry_first_connection`](Service::retry_first_connection) are refused.
    /// Its status is [`Live`](crate::Status::Live) while it listens, whether or not an Asterisk is there.
    pub fn service<A: Application>(self, name: impl Into<String>, application: A) -> Service<A> {
        Service::listening(self, name.into(), application)
    }

    /// Checks the settings and listens.
    pub(crate) async fn listen(mut self) -> Result<(Listener, Peers)> {
        let tcp = self.socket().await?;
        let address = tcp.local_addr().map_err(|error| self.cannot_listen(error))?;
        self.check(address)?;
        let peers = Peers::new(self.limits.clone(), std::mem::take(&mut self.bases))?;
        let credentials = self
            .credentials
            .iter()
            .map(|(username, password)| Credentials::new(username.clone(), password));
        let gate = Gate {
            credentials: credentials.collect(),
            deadline: self.limits.connect,
            largest: self.limits.message,
            #[cfg(feature = "tls")]
            tls: self.tls.clone(),
        };
        tracing::info!(%address, "listening for Asterisks that dial in");
        Ok((Listener::new(tcp, gate, self.places), peers))
    }

    async fn socket(&mut self) -> Result<TcpListener> {
        match &self.place {
            Place::Address(address) => TcpListener::bind(address).await,
            Place::Listener(listener) => listener.try_clone().and_then(|listener| {
                listener.set_nonblocking(true)?;
                TcpListener::from_std(listener)
            }),
        }
        .map_err(|error| self.cannot_listen(error))
    }

    fn cannot_listen(&self, error: std::io::Error) -> Error {
        Error::invalid(format!("cannot listen on {}", self.place)).with_source(error)
    }

    fn check(&mut self, address: SocketAddr) -> Result<()> {
        #[cfg(feature = "tls")]
        if let Some(error) = self.unusable.take() {
            return Err(error);
        }
        #[cfg(feature = "tls")]
        let encrypted = self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let encrypted = false;
        let refuse = |why: &str| Err(Error::invalid(format!("listening on {address}: {why}")));
        if !address.ip().is_loopback() && self.credentials.is_empty() && !self.allow_anonymous {
            return refuse(
                "whoever reaches it could send calls: set credentials, or allow it with `allow_anonymous`",
            );
        }
        if !address.ip().is_loopback() && !encrypted && !self.allow_cleartext {
            return refuse(
                "passwords would cross the network as clear text: set `tls`, or allow it with `allow_cleartext` or \
                 ARI_ALLOW_CLEARTEXT=1",
            );
        }
        for (username, password) in &self.credentials {
            if username.is_empty() || password.is_empty() || username.contains(':') {
                return refuse(
                    "user names and passwords must not be empty, and a user name cannot hold a colon",
                );
            }
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => f.write_str(address),
            Self::Listener(_) => f.write_str("the socket that was given"),
        }
    }
}

impl fmt::Display for AriServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

impl fmt::Debug for AriServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usernames: Vec<_> = self.credentials.iter().map(|(username, _)| username).collect();
        f.debug_struct("AriServer")
            .field("place", &self.place.to_string())
            .field("usernames", &usernames)
            .field("bases", &self.bases)
            .finish_non_exhaustive()
    }
}
