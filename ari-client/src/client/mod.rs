//! The handle on an Asterisk server.

mod builder;
mod environment;
mod filter;
mod home;
mod marks;
mod occupied;
mod peers;
mod rest_over;
mod retry;
mod way;
mod wishes;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::debug;

use crate::app::{Application, Counters, EventTypes, Events, Hub, Service};
use crate::config::{Limits, Server};
use crate::error::{Error, Failure, Result};
use crate::generated::Peek;
use crate::handles::{Bridge, BridgeBuilder, Channel, Identity, RoomBuilder, Rooms};
use crate::request::{Operation, RawRequest, RawResponse};
use crate::transport::{Dialer, Lines};

pub use builder::AriBuilder;
pub(crate) use environment::{flag, optional, variable};
use home::Home;
use marks::Marks;
use occupied::Occupied;
pub(crate) use peers::Peers;
pub use rest_over::RestOver;
use way::Way;
use wishes::{Wish, Wishes};

/// How many bytes of events a subscription holds until they are read.
const SUBSCRIPTION: usize = 256 * 1024;

/// The longest that anything may take, whatever is asked for: a point in time so far ahead can be told.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// A handle on an Asterisk server; cheap to clone.
///
/// It sends requests, and [`run`](Ari::run) runs an application on the calls that Asterisk sends. The operations of
/// ARI are methods of the [`Resources`](crate::Resources) trait: `ari.channels().originate("PJSIP/alice")`.
///
/// What is logged goes to `tracing`; install a subscriber, such as that of the crate `tracing-subscriber`, to see it.
#[derive(Clone)]
pub struct Ari {
    inner: Arc<Inner>,
    way: Arc<Way>,
    /// How long each request of this handle may take, where that is not the client's setting.
    patience: Option<Duration>,
}

struct Inner {
    /// Which Asterisk this is, for people.
    name: String,
    /// Its HTTP server, where that is known.
    home: Option<Home>,
    limits: Limits,
    rest: RestOver,
    /// Kept where requests have nothing but the event socket.
    occupied: Option<Occupied>,
    hub: Arc<Hub>,
    rooms: Rooms,
    wishes: Wishes,
    /// What takes away things that nobody waits for any more.
    chores: TaskTracker,
}

impl Ari {
    /// A client of the server that `ARI_URL`, `ARI_USERNAME` and `ARI_PASSWORD` name.
    ///
    /// `ARI_URL` is the server's base, such as `http://127.0.0.1:8088`; a prefix is allowed, `/ari` is not needed.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), naming the variable that is missing or wrong.
    pub fn from_env() -> Result<Self> {
        AriBuilder::from_env()?.build()
    }

    /// Starts a client of the server at `url`, such as `http://127.0.0.1:8088`.
    pub fn builder(url: impl Into<String>) -> AriBuilder {
        AriBuilder::new(url.into())
    }

    pub(crate) fn new(server: Server, limits: Limits, rest: RestOver) -> Result<Self> {
        let name = server.to_string();
        let home = Home::new(server, &limits)?;
        Ok(Self::over(name, Some(home), limits, rest))
    }

    /// A client of the Asterisk `id`, which dials us; requests travel back on its sockets, unless its HTTP server is known.
    pub(crate) fn of_peer(id: &str, server: Option<Server>, limits: Limits, rest: RestOver) -> Result<Self> {
        let name = format!("Asterisk {id}");
        let home = server.map(|server| Home::new(server, &limits)).transpose()?;
        let rest = if home.is_some() { rest } else { RestOver::WebSocket };
        Ok(Self::over(name, home, limits, rest))
    }

    fn over(name: String, home: Option<Home>, limits: Limits, rest: RestOver) -> Self {
        let way = Way::new(home.as_ref(), rest, Lines::default());
        let inner = Inner {
            name,
            home,
            rest,
            occupied: (rest == RestOver::WebSocket).then(Occupied::default),
            hub: Arc::new(Hub::new(limits.mailboxes)),
            limits,
            rooms: Rooms::default(),
            wishes: Wishes::default(),
            chores: TaskTracker::new(),
        };
        // Only one that is closed can be waited for; it takes tasks all the same.
        inner.chores.close();
        Self {
            inner: Arc::new(inner),
            way,
            patience: None,
        }
    }

    /// A handle whose requests prefer the sockets that are opened for it to the others of this client.
    pub(crate) fn with_own_lines(&self) -> Self {
        let own = Lines::beside(&self.way.lines);
        Self {
            inner: Arc::clone(&self.inner),
            way: Way::new(self.inner.home.as_ref(), self.inner.rest, own),
            patience: self.patience,
        }
    }

    /// A handle of which each request may take so long, repeats included, whatever the client's settings say.
    ///
    /// The handles that are made from it have the same deadline:
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use ari_client::prelude::*;
    /// # async fn patient(ari: &Ari) -> Result {
    /// let patient = ari.within(Duration::from_secs(120));
    /// patient.channel("c1").set_variable("SURVEY", "done").await?;
    /// patient.bridges().add_channel("b1", ["c1"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            way: Arc::clone(&self.way),
            patience: Some(deadline),
        }
    }

    /// How long `request` may take.
    fn patience(&self, request: &RawRequest) -> Duration {
        let limits = &self.inner.limits;
        let usual = if request.takes_long() {
            limits.waiting
        } else {
            limits.request
        };
        self.patience.unwrap_or(usual).min(LONGEST)
    }

    /// Runs `application` on each call that enters `Stasis(name)`, until SIGTERM or ctrl-c; then live calls get time
    /// to finish. [`service`](Self::service) does the same with settings.
    ///
    /// While no events come, the application now and then has Asterisk send it one (`AriClientEcho`, by the operation
    /// `events.userEvent`): an open socket alone does not prove that Asterisk would. The application does not see it;
    /// who listens to `UserEvent` on AMI does.
    ///
    /// # Errors
    /// Where the first connection fails, the name cannot be used, or another client takes over the name: an [`Error`].
    /// Where the application does not start: its own. Later breaks of the connection are mended and not told here.
    pub async fn run<A: Application>(&self, name: impl Into<String>, application: A) -> Result<(), Failure> {
        self.service(name, application).run().await
    }

    /// Prepares to run `application` under `name`; see [`Service`].
    pub fn service<A: Application>(&self, name: impl Into<String>, application: A) -> Service<A> {
        Service::new(self.clone(), name.into(), application)
    }

    /// Sends one operation and decodes its answer.
    ///
    /// It is sent again, within its deadline, where that cannot do anything twice: if it never left, if it only looks
    /// (`GET`) or ends something (`DELETE`). Where it makes a channel, bridge or playback with an id of this library's
    /// and the answer is lost, Asterisk is asked for that id. All else that is not known is for you to judge.
    ///
    /// # Errors
    /// The [`kind`](Error::kind) of the error says whether Asterisk refused, or what is known otherwise.
    pub fn send<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = Result<O::Output>> + Send + use<O> {
        let request = operation.into_request();
        let ari = self.clone();
        // In a box: else each future that sends a request would have room for one all along, and the tasks of calls
        // are idle for most of their lives.
        Box::pin(async move {
            let reply = ari.request(request?).await;
            O::decode(reply.map_err(|error| error.with_since(O::SINCE))?)
        })
    }

    /// Sends a request that no generated operation stands for.
    ///
    /// # Errors
    /// As [`send`](Self::send); any status of 300 and above is an error, and so is a path with an empty segment.
    pub async fn request(&self, mut request: RawRequest) -> Result<RawResponse> {
        request.check()?;
        if self.inner.rest != RestOver::Http {
            filter::let_replies_pass(&mut request);
        }
        let operation = request.operation;
        let mut marks = Marks::set(self, &request);
        let wish = Wish::of(&request);
        let reply = self.execute(&request).await.map_err(|error| {
            error
                .with_server(&self.inner.name)
                .with_subject(request.subject())
        });
        match &reply {
            Ok(_) => {
                marks.granted();
                if let Some(wish) = wish {
                    self.inner.wishes.note(wish);
                }
            }
            Err(error) => {
                debug!(operation, %error, "request failed");
                if error.is_without_effect() {
                    marks.take_back(error);
                }
            }
        }
        reply
    }

    /// Sends a request when nothing that is known would make it hold up the event socket.
    async fn execute(&self, request: &RawRequest) -> Result<RawResponse> {
        let (transport, patience) = (&*self.way.transport, self.patience(request));
        let Some(occupied) = &self.inner.occupied else {
            return retry::send(transport, request, patience).await;
        };
        let end = Instant::now() + patience;
        occupied.wait(request, transport, end).await?;
        let new = occupied.note(request);
        let reply = retry::send(transport, request, end.saturating_duration_since(Instant::now())).await;
        if new && reply.as_ref().is_err_and(Error::is_without_effect) {
            occupied.take_back(request);
        }
        reply
    }

    /// Subscribes to the events of these types that this client receives, whatever they are about.
    ///
    /// Events come while an application [runs](Self::run). What is not read in time is dropped, oldest chatter
    /// first; [`Missed`](crate::Missed) tells how many.
    pub fn events(&self, types: impl Into<EventTypes>) -> Events {
        let events = self.subscription(types.into());
        events.hear_all();
        events
    }

    /// What became of the events so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.hub().tally().counters()
    }

    /// A handle on the channel `id`; nothing is sent.
    #[must_use]
    pub fn channel(&self, id: &str) -> Channel {
        Channel::new(self.clone(), Identity::new(id))
    }

    /// A handle on the bridge `id`; nothing is sent.
    #[must_use]
    pub fn bridge(&self, id: &str) -> Bridge {
        Bridge::new(self.clone(), id)
    }

    /// Prepares a new bridge, which lasts until it is [destroyed](Bridge::destroy).
    pub fn new_bridge(&self) -> BridgeBuilder {
        BridgeBuilder::new(self.clone())
    }

    /// The room `name`, which is made where there is none; see
    /// [`Room`](crate::Room).
    pub fn room(&self, name: impl Into<String>) -> RoomBuilder {
        RoomBuilder::new(self.clone(), name.into())
    }

    pub(crate) fn subscription(&self, types: EventTypes) -> Events {
        Events::subscribe(self.hub(), types, SUBSCRIPTION)
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.inner.hub
    }

    pub(crate) fn lines(&self) -> &Arc<Lines> {
        &self.way.lines
    }

    pub(crate) fn wishes(&self) -> &Wishes {
        &self.inner.wishes
    }

    pub(crate) fn name(&self) -> &str {
        &self.inner.name
    }

    pub(crate) fn chores(&self) -> &TaskTracker {
        &self.inner.chores
    }

    pub(crate) fn rooms(&self) -> &Rooms {
        &self.inner.rooms
    }

    /// A playback, a recording or a channel ended.
    pub(crate) fn no_longer_occupied(&self, peek: &Peek<'_>) {
        if let Some(occupied) = &self.inner.occupied {
            occupied.heard_end(peek);
        }
    }

    pub(crate) fn dialer(&self, application: String, subscribe_all: bool) -> Result<Dialer> {
        let home = self.inner.home.as_ref().ok_or_else(|| {
            let name = &self.inner.name;
            Error::invalid(format!(
                "{name} dials us, and where it could be dialled is not known"
            ))
        })?;
        Ok(home.dialer(application, subscribe_all))
    }
}

impl fmt::Debug for Ari {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner.home {
            Some(home) => f.debug_tuple("Ari").field(&home.server).finish(),
            None => f.debug_tuple("Ari").field(&self.inner.name).finish(),
        }
    }
}
