//! The way between the program and Asterisk, which can be made bad.
//!
//! It passes bytes on and knows of HTTP only what it takes to tell event sockets from requests.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// How long a client may take to say what it wants.
const FIRST_WORDS: Duration = Duration::from_secs(30);
/// How much of a reply comes before it breaks off: less than its status and headers.
const FRAGMENT: usize = 40;

/// How the bytes of one kind of connection are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// They pass.
    Pass,
    /// New connections are reset; open ones go on.
    Refuse,
    /// Nothing passes in either direction, and nothing is closed: not now, and not later on connections that were
    /// there meanwhile.
    Swallow,
    /// What Asterisk says comes so much later.
    Delay(Duration),
    /// The first bytes of what Asterisk says pass, then the connection is reset.
    BreakOff,
}

/// How the way is.
#[derive(Debug, Clone, Copy)]
struct Way {
    events: Treatment,
    requests: Treatment,
    /// How often all was cut: a connection that was there before is reset.
    cuts: u32,
    /// That a client has closed its event socket reaches Asterisk when the next one is asked for.
    closes_late: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Events,
    Requests,
}

#[derive(Debug)]
struct Shared {
    way: watch::Sender<Way>,
    dials: watch::Sender<u32>,
    open: watch::Sender<u32>,
}

/// Listens on 127.0.0.1 in front of Asterisk. It ends when this value is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy in front of the server at `port` of 127.0.0.1.
    pub(super) async fn start(server: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let way = Way {
            events: Treatment::Pass,
            requests: Treatment::Pass,
            cuts: 0,
            closes_late: false,
        };
        let shared = Arc::new(Shared {
            way: watch::Sender::new(way),
            dials: watch::Sender::new(0),
            open: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, server, Arc::clone(&shared)));
        Ok(Self { port, shared, task })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Treats event sockets and requests alike.
    pub(super) fn treat_all(&self, treatment: Treatment) {
        self.treat_events(treatment);
        self.treat_requests(treatment);
    }

    pub(super) fn treat_events(&self, treatment: Treatment) {
        self.shared.way.send_modify(|way| way.events = treatment);
    }

    pub(super) fn treat_requests(&self, treatment: Treatment) {
        self.shared.way.send_modify(|way| way.requests = treatment);
    }

    /// Resets every connection that is open now.
    pub(super) fn cut(&self) {
        self.shared.way.send_modify(|way| way.cuts += 1);
    }

    /// Whether the end of an event socket reaches Asterisk together with the beginning of the next one.
    pub(super) fn close_late(&self, late: bool) {
        self.shared.way.send_modify(|way| way.closes_late = late);
    }

    /// How many event sockets were asked for so far.
    pub(super) fn dials(&self) -> u32 {
        *self.shared.dials.borrow()
    }

    /// How many event sockets are open: Asterisk has accepted them, and what it says passes.
    pub(super) fn open(&self) -> watch::Receiver<u32> {
        self.shared.open.subscribe()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, server: u16, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // What goes wrong on this connection, both ends see as a connection that broke.
            let _ = serve(client, server, &shared).await;
        });
    }
}

async fn serve(mut client: TcpStream, server: u16, shared: &Shared) -> io::Result<()> {
    let way = shared.way.subscribe();
    let cuts = way.borrow().cuts;
    client.set_nodelay(true)?;
    let mut first = vec![0; 4096];
    let read = timeout(FIRST_WORDS, client.read(&mut first)).await??;
    first.truncate(read);
    let kind = kind(&first);
    if kind == Kind::Events {
        shared.dials.send_modify(|dials| *dials += 1);
    }
    let mut connection = Connection {
        way,
        kind,
        cuts,
        open: None,
        dead: false,
    };
    if connection.treatment() == Treatment::Refuse {
        return client.set_zero_linger();
    }
    let mut asterisk = TcpStream::connect(("127.0.0.1", server)).await?;
    asterisk.set_nodelay(true)?;
    let pumping = connection.pump(&mut client, &mut asterisk, &first, &shared.open);
    let (ended, mut dials) = (pumping.await, shared.dials.subscribe());
    drop(connection);
    match ended {
        Ok(Ended::Reset) => {
            client.set_zero_linger()?;
            asterisk.set_zero_linger()?;
        }
        _ if kind == Kind::Events && shared.way.borrow().closes_late => {
            let _ = timeout(FIRST_WORDS, dials.changed()).await;
        }
        _ => {}
    }
    Ok(())
}

fn kind(first: &[u8]) -> Kind {
    let line = first.split(|byte| *byte == b'\r').next().unwrap_or_default();
    match line.windows(8).any(|part| part == b"/events?") && line.starts_with(b"GET ") {
        true => Kind::Events,
        false => Kind::Requests,
    }
}

/// How a connection ended.
enum Ended {
    /// One end closed it.
    Closed,
    /// It was cut.
    Reset,
}

/// One connection under way.
struct Connection {
    way: watch::Receiver<Way>,
    kind: Kind,
    cuts: u32,
    open: Option<Open>,
    /// It was swallowed from, and can be of no use any more.
    dead: bool,
}

impl Connection {
    fn treatment(&mut self) -> Treatment {
        let way = *self.way.borrow_and_update();
        let treatment = match self.kind {
            Kind::Events => way.events,
            Kind::Requests => way.requests,
        };
        self.dead |= treatment == Treatment::Swallow;
        if self.dead {
            self.open = None;
            return Treatment::Swallow;
        }
        treatment
    }

    async fn pump(
        &mut self,
        client: &mut TcpStream,
        asterisk: &mut TcpStream,
        first: &[u8],
        open: &watch::Sender<u32>,
    ) -> io::Result<Ended> {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_asterisk, mut to_asterisk) = asterisk.split();
        if self.treatment() != Treatment::Swallow {
            to_asterisk.write_all(first).await?;
        }
        let (mut question, mut answer) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
        loop {
            tokio::select! {
                changed = self.way.changed() => {
                    // The proxy is gone where this fails.
                    if changed.is_err() || self.way.borrow().cuts != self.cuts {
                        return Ok(Ended::Reset);
                    }
                    self.treatment();
                }
                read = from_client.read(&mut question) => match read? {
                    0 => return Ok(Ended::Closed),
                    length => self.ask(&mut to_asterisk, &question[..length]).await?,
                },
                read = from_asterisk.read(&mut answer) => match read? {
                    0 if self.dead => self.stay_silent(&mut from_client).await?,
                    0 => return Ok(Ended::Closed),
                    length => if let Some(ended) = self.tell(&mut to_client, &answer[..length], open).await? {
                        return Ok(ended);
                    },
                },
            }
        }
    }

    async fn ask(&mut self, asterisk: &mut WriteHalf<'_>, bytes: &[u8]) -> io::Result<()> {
        match self.treatment() {
            Treatment::Swallow => Ok(()),
            _ => asterisk.write_all(bytes).await,
        }
    }

    /// Passes on what Asterisk says; the end where that is to be one.
    async fn tell(
        &mut self,
        client: &mut WriteHalf<'_>,
        bytes: &[u8],
        open: &watch::Sender<u32>,
    ) -> io::Result<Option<Ended>> {
        match self.treatment() {
            Treatment::Swallow => return Ok(None),
            Treatment::BreakOff => {
                client.write_all(&bytes[..bytes.len().min(FRAGMENT)]).await?;
                // A reset overtakes what was written just before.
                sleep(Duration::from_millis(5)).await;
                return Ok(Some(Ended::Reset));
            }
            Treatment::Delay(delay) => sleep(delay).await,
            Treatment::Pass | Treatment::Refuse => {}
        }
        client.write_all(bytes).await?;
        if self.kind == Kind::Events && self.open.is_none() && bytes.starts_with(b"HTTP/1.1 101") {
            self.open = Some(Open::new(open));
        }
        Ok(None)
    }

    /// Asterisk closed a connection of which the client hears nothing: not even that.
    async fn stay_silent(&mut self, client: &mut ReadHalf<'_>) -> io::Result<()> {
        let mut bytes = [0; 4096];
        while client.read(&mut bytes).await? > 0 {}
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}

/// An event socket that is open, for as long as this value lives.
struct Open(watch::Sender<u32>);

impl Open {
    fn new(open: &watch::Sender<u32>) -> Self {
        open.send_modify(|count| *count += 1);
        Self(open.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(200);
    const LONG: Duration = Duration::from_secs(10);

    /// A server that answers each connection's first words with `reply`.
    async fn server(reply: &'static [u8]) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut words = [0; 1024];
                    while client.read(&mut words).await.is_ok_and(|read| read > 0) {
                        let _ = client.write_all(reply).await;
                    }
                });
            }
        });
        port
    }

    async fn ask(proxy: &Proxy, words: &[u8]) -> TcpStream {
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
        client.write_all(words).await.unwrap();
        client
    }

    async fn hear(client: &mut TcpStream) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; 1024];
        let read = timeout(LONG, client.read(&mut bytes)).await??;
        bytes.truncate(read);
        Ok(bytes)
    }

    const EVENTS: &[u8] = b"GET /ari/events?app=x HTTP/1.1\r\n\r\n";
    const REQUEST: &[u8] = b"GET /ari/channels HTTP/1.1\r\n\r\n";
    const ACCEPTED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\r\n";

    #[tokio::test]
    async fn an_event_socket_is_open_from_asterisks_word_until_it_is_cut() {
        let proxy = Proxy::start(server(ACCEPTED).await).await.unwrap();
        let mut client = ask(&proxy, EVENTS).await;
        assert_eq!(hear(&mut client).await.unwrap(), ACCEPTED);
        let mut open = proxy.open();
        open.wait_for(|count| *count == 1).await.unwrap();
        proxy.cut();
        assert!(hear(&mut client).await.is_err(), "a cut is a reset");
        open.wait_for(|count| *count == 0).await.unwrap();
        assert_eq!(proxy.dials(), 1);
    }

    #[tokio::test]
    async fn what_was_swallowed_from_stays_silent_for_ever_and_what_comes_later_passes() {
        let proxy = Proxy::start(server(ACCEPTED).await).await.unwrap();
        let mut client = ask(&proxy, EVENTS).await;
        hear(&mut client).await.unwrap();
        proxy.treat_all(Treatment::Swallow);
        proxy.open().wait_for(|count| *count == 0).await.unwrap();
        let mut during = ask(&proxy, EVENTS).await;
        assert!(timeout(SHORT, hear(&mut during)).await.is_err());
        proxy.treat_all(Treatment::Pass);
        assert!(timeout(SHORT, hear(&mut client)).await.is_err());
        assert!(timeout(SHORT, hear(&mut during)).await.is_err());
        assert_eq!(hear(&mut ask(&proxy, EVENTS).await).await.unwrap(), ACCEPTED);
    }

    #[tokio::test]
    async fn requests_are_treated_apart_from_events() {
        let proxy = Proxy::start(server(ACCEPTED).await).await.unwrap();
        proxy.treat_requests(Treatment::Refuse);
        assert!(hear(&mut ask(&proxy, REQUEST).await).await.is_err());
        assert_eq!(hear(&mut ask(&proxy, EVENTS).await).await.unwrap(), ACCEPTED);
        let long = b"HTTP/1.1 200 OK\r\nContent-type: application/json\r\nContent-Length: 2\r\n\r\n[]";
        let proxy = Proxy::start(server(long).await).await.unwrap();
        proxy.treat_requests(Treatment::BreakOff);
        let mut client = ask(&proxy, REQUEST).await;
        assert_eq!(hear(&mut client).await.unwrap(), &long[..FRAGMENT]);
        assert!(hear(&mut client).await.is_err());
    }
}
