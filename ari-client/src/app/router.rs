//! One application that picks another for each call.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::application::Application;
use super::broadcast::{self, Decision};
use super::pattern::Pattern;
use crate::client::Ari;
use crate::error::{Error, Failure};
use crate::event::Event;
use crate::generated::events::CallBroadcast;
use crate::handles::Call;

/// An application that hands each call to another: by dialled extension, by dialplan context, by argument of
/// `Stasis()`, or by a closure.
///
/// Rules are tried in the order in which they were added; the first that matches takes the call. A call that no rule
/// matches goes to the [fallback](Router::fallback); without one it fails with an error that names the extension.
///
/// ```
/// use ari_client::prelude::*;
///
/// # struct Conference; struct Echo; struct Attendant;
/// # impl Application for Conference { async fn on_call(&self, _: Call) -> Result { Ok(()) } }
/// # impl Application for Echo { async fn on_call(&self, _: Call) -> Result { Ok(()) } }
/// # impl Application for Attendant { async fn on_call(&self, _: Call) -> Result { Ok(()) } }
/// let router = Router::new()
///     .extension("_2XXX", Conference)
///     .extension("600", Echo)
///     .fallback(Attendant);
/// ```
#[derive(Default)]
pub struct Router {
    rules: Vec<(Rule, Box<dyn Erased>)>,
    fallback: Option<Box<dyn Erased>>,
    problem: Option<Error>,
}

enum Rule {
    Extension(Pattern),
    Context(String),
    Argument(String),
    When(Box<dyn Fn(&Call) -> bool + Send + Sync>),
}

impl Router {
    /// A router without rules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives calls to an extension, or to those that a [`Pattern`] matches, to `application`.
    ///
    /// A pattern that cannot be read keeps the service from starting, with an error that names it.
    #[must_use]
    pub fn extension(mut self, pattern: &str, application: impl Application) -> Self {
        match pattern.parse() {
            Ok(pattern) => self.rule(Rule::Extension(pattern), application),
            Err(error) => {
                self.problem.get_or_insert(error);
                self
            }
        }
    }

    /// Gives calls that come from the dialplan context `context` to `application`.
    #[must_use]
    pub fn context(self, context: impl Into<String>, application: impl Application) -> Self {
        self.rule(Rule::Context(context.into()), application)
    }

    /// Gives calls with `argument` among those of `Stasis(name,...)` to `application`.
    #[must_use]
    pub fn argument(self, argument: impl Into<String>, application: impl Application) -> Self {
        self.rule(Rule::Argument(argument.into()), application)
    }

    /// Gives calls of which `matches` is true to `application`.
    #[must_use]
    pub fn when(
        self,
        matches: impl Fn(&Call) -> bool + Send + Sync + 'static,
        application: impl Application,
    ) -> Self {
        self.rule(Rule::When(Box::new(matches)), application)
    }

    /// Gives calls that no rule matches to `application`.
    #[must_use]
    pub fn fallback(mut self, application: impl Application) -> Self {
        self.fallback = Some(Box::new(application));
        self
    }

    fn rule(mut self, rule: Rule, application: impl Application) -> Self {
        self.rules.push((rule, Box::new(application)));
        self
    }

    fn pick(&self, call: &Call) -> Option<&dyn Erased> {
        let matching = self
            .rules
            .iter()
            .find(|(rule, _)| rule.matches(call))
            .map(|(_, application)| application);
        matching.or(self.fallback.as_ref()).map(AsRef::as_ref)
    }

    fn applications(&self) -> impl Iterator<Item = &dyn Erased> {
        self.rules
            .iter()
            .map(|(_, application)| application)
            .chain(&self.fallback)
            .map(AsRef::as_ref)
    }
}

impl Rule {
    fn matches(&self, call: &Call) -> bool {
        match self {
            Self::Extension(pattern) => pattern.matches(call.extension()),
            Self::Context(context) => call.context() == context,
            Self::Argument(argument) => call.args().contains(argument),
            Self::When(matches) => matches(call),
        }
    }
}

impl Rule {
    /// Whether the rule will match a call that is on offer; `None` where only the call itself can tell.
    fn foresee(&self, offer: &CallBroadcast) -> Option<bool> {
        let channel = &offer.channel;
        match self {
            Self::Extension(pattern) => Some(pattern.matches(&channel.dialplan.exten)),
            Self::Context(context) => Some(channel.dialplan.context == *context),
            Self::Argument(argument) => Some(broadcast::args(channel).contains(argument)),
            Self::When(_) => None,
        }
    }
}

impl Application for Router {
    async fn on_call(&self, call: Call) -> Result<(), Failure> {
        match self.pick(&call) {
            Some(application) => application.on_call(call).await,
            None => {
                Err(Error::invalid(format!("no application for extension `{}`", call.extension())).into())
            }
        }
    }

    async fn on_start(&self, ari: &Ari) -> Result<(), Failure> {
        if let Some(problem) = &self.problem {
            return Err(Error::invalid(problem.to_string()).into());
        }
        for application in self.applications() {
            application.on_start(ari).await?;
        }
        Ok(())
    }

    async fn on_event(&self, ari: &Ari, event: Event) {
        for application in self.applications() {
            application.on_event(ari, event.clone()).await;
        }
    }

    async fn on_gap(&self, ari: &Ari, length: Duration) {
        for application in self.applications() {
            application.on_gap(ari, length).await;
        }
    }

    /// Asks the application that the call will go to. Where only the call itself can tell, the one that it may go to is
    /// asked as well, and its claim counts.
    async fn on_broadcast(&self, ari: &Ari, offer: &CallBroadcast) -> Decision {
        for (rule, application) in &self.rules {
            let matches = rule.foresee(offer);
            if matches == Some(false) {
                continue;
            }
            let decision = application.on_broadcast(ari, offer).await;
            if matches == Some(true) || decision == Decision::Claim {
                return decision;
            }
        }
        match &self.fallback {
            Some(application) => application.on_broadcast(ari, offer).await,
            None => Decision::Ignore,
        }
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.rules.iter().map(|(rule, _)| rule))
            .finish()
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension(pattern) => write!(f, "extension {pattern}"),
            Self::Context(context) => write!(f, "context {context}"),
            Self::Argument(argument) => write!(f, "argument {argument}"),
            Self::When(_) => f.write_str("when …"),
        }
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// [`Application`] as a trait object: its futures boxed.
trait Erased: Send + Sync {
    fn on_call(&self, call: Call) -> Boxed<'_, Result<(), Failure>>;
    fn on_start<'a>(&'a self, ari: &'a Ari) -> Boxed<'a, Result<(), Failure>>;
    fn on_event<'a>(&'a self, ari: &'a Ari, event: Event) -> Boxed<'a, ()>;
    fn on_gap<'a>(&'a self, ari: &'a Ari, length: Duration) -> Boxed<'a, ()>;
    fn on_broadcast<'a>(&'a self, ari: &'a Ari, offer: &'a CallBroadcast) -> Boxed<'a, Decision>;
}

impl<A: Application> Erased for A {
    fn on_call(&self, call: Call) -> Boxed<'_, Result<(), Failure>> {
        Box::pin(Application::on_call(self, call))
    }

    fn on_start<'a>(&'a self, ari: &'a Ari) -> Boxed<'a, Result<(), Failure>> {
        Box::pin(Application::on_start(self, ari))
    }

    fn on_event<'a>(&'a self, ari: &'a Ari, event: Event) -> Boxed<'a, ()> {
        Box::pin(Application::on_event(self, ari, event))
    }

    fn on_gap<'a>(&'a self, ari: &'a Ari, length: Duration) -> Boxed<'a, ()> {
        Box::pin(Application::on_gap(self, ari, length))
    }

    fn on_broadcast<'a>(&'a self, ari: &'a Ari, offer: &'a CallBroadcast) -> Boxed<'a, Decision> {
        Box::pin(Application::on_broadcast(self, ari, offer))
    }
}
